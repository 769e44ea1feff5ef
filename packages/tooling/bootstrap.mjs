// Runs `npm start` and `npm test`. Needs only Node, npm and git; nothing has to be installed first.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { packageManager, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };

const run = (command, args) =>
  spawnSync(command, args, {
    cwd: root,
    env,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });

const requireNode = () => {
  const minimum = engines.node.replace('>=', '').split('.').map(Number);
  const actual = process.versions.node.split('.').map(Number);
  const older = minimum[0] > actual[0] || (minimum[0] === actual[0] && minimum[1] > actual[1]);
  if (older) {
    console.error(
      `Node ${engines.node} is required, but this is Node ${process.versions.node}. Install a newer Node.`,
    );
    process.exit(1);
  }
};

/** The command for the pinned pnpm: the one on PATH if its version matches, else the one that npx fetches. */
const findPnpm = () => {
  const version = packageManager.split('@')[1];
  const found = spawnSync('pnpm', ['--version'], {
    cwd: '/',
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  return found.stdout?.trim() === version ? ['pnpm'] : ['npx', '--yes', `pnpm@${version}`];
};

const [pnpm, ...pnpmArgs] = findPnpm();
const runPnpm = (...args) => run(pnpm, [...pnpmArgs, ...args]);

const orExit = ({ status, error }) => {
  if (error) console.error(error.message);
  if (status !== 0) process.exit(status ?? 1);
};

const install = () =>
  orExit(runPnpm('install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'));

const start = (args) => {
  install();
  orExit(
    runPnpm(
      'exec',
      'turbo',
      'run',
      'build',
      '--filter=@elistimator/examples...',
      '--output-logs=errors-only',
    ),
  );
  orExit(runPnpm('--silent', '--filter', '@elistimator/examples', 'run', 'mnist', ...args));
};

const reportOf = (folder) => join(root, 'packages', folder, 'reports', 'tests.json');

/** Runs the tests of every package, then prints one line with the totals. */
const test = () => {
  const folders = readdirSync(join(root, 'packages'));
  for (const folder of folders) rmSync(reportOf(folder), { force: true });
  install();
  const { status } = runPnpm(
    'exec',
    'turbo',
    'run',
    'test',
    '--continue',
    '--concurrency=2',
    '--output-logs=new-only',
  );
  const reports = folders
    .map(reportOf)
    .filter(existsSync)
    .map((file) => JSON.parse(readFileSync(file, 'utf8')));
  const sum = (count) => reports.reduce((total, report) => total + count(report), 0);
  const passed = sum((report) => report.numPassedTests);
  // A file that fails to load counts as a failure, though none of its tests ran.
  const failed = sum((report) =>
    Math.max(
      report.numFailedTests,
      report.testResults.filter((file) => file.status === 'failed').length,
    ),
  );
  const skipped = sum((report) => report.numPendingTests + report.numTodoTests);
  console.log(
    `tests: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  );
  process.exit(status === 0 && failed === 0 && passed > 0 ? 0 : 1);
};

const [task, ...args] = process.argv.slice(2);
const tasks = { start, test };
if (!(task in tasks)) {
  console.error(`Unknown task "${task}": expected one of ${Object.keys(tasks).join(', ')}.`);
  process.exit(1);
}
requireNode();
tasks[task](args);

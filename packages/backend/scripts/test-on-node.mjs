// Runs the tests of this package and of @elistimator/libtensorflow on several versions of Node,
// which npx downloads from the registry. Build the packages first.
//
//   pnpm --filter @elistimator/backend test:node-versions [20 22 24 26] [-- FILE…]
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = ['libtensorflow', 'backend'].map((name) => resolve(here, '../..', name));

const args = process.argv.slice(2);
const split = args.includes('--') ? args.indexOf('--') : args.length;
const versions = split > 0 ? args.slice(0, split) : ['20', '22', '24', '26'];
const files = args.slice(split + 1);

const onNode = (version, args, options = {}) =>
  spawnSync('npx', ['--yes', `node@${version}`, ...args], { encoding: 'utf8', ...options });

/** Runs one package's tests; returns vitest's line with the counts. */
const test = (version, folder) => {
  const require = createRequire(join(folder, 'package.json'));
  const vitest = join(dirname(require.resolve('vitest/package.json')), 'vitest.mjs');
  const { status, stdout, stderr } = onNode(version, [vitest, 'run', '--reporter=dot', ...files], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1' },
    maxBuffer: 1 << 28,
  });
  if (status !== 0) console.error(`${stdout}\n${stderr}`);
  const counts = /^\s*Tests\s+(.*)$/m.exec(stdout)?.[1] ?? 'no tests ran';
  return { passed: status === 0, counts };
};

const rows = [];
for (const major of versions) {
  const { status, stdout } = onNode(major, ['--version']);
  const version = stdout?.trim();
  if (status !== 0 || !version?.startsWith(`v${major}`)) {
    rows.push(`Node ${major}: not available from the registry`);
    continue;
  }
  for (const folder of packages) {
    const { passed, counts } = test(major, folder);
    if (!passed) process.exitCode = 1;
    rows.push(`Node ${version.slice(1)}, ${folder.split(/[\\/]/).at(-1)}: ${counts}`);
    console.log(rows.at(-1));
  }
}
console.log(`\n${rows.join('\n')}`);

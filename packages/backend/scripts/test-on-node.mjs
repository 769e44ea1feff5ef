// Runs the tests of this package and of @elistimator/libtensorflow on several versions of Node,
// which npx fetches from the registry. The packages have to be built.
//
//   pnpm --filter @elistimator/backend test:node-versions [20 22 24 26] [-- FILE…]
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = ['libtensorflow', 'backend'].map((name) => resolve(here, '../..', name));

const given = process.argv.slice(2);
const split = given.includes('--') ? given.indexOf('--') : given.length;
const versions = split > 0 ? given.slice(0, split) : ['20', '22', '24', '26'];
const files = given.slice(split + 1);

const onNode = (version, args, options = {}) =>
  spawnSync('npx', ['--yes', `node@${version}`, ...args], { encoding: 'utf8', ...options });

/** Runs one package's tests; gives vitest's own line of how many passed. */
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
for (const wanted of versions) {
  const found = onNode(wanted, ['--version']);
  const version = found.stdout?.trim();
  if (found.status !== 0 || !version?.startsWith(`v${wanted}`)) {
    rows.push(`Node ${wanted}: the registry does not provide it`);
    continue;
  }
  for (const folder of packages) {
    const { passed, counts } = test(wanted, folder);
    if (!passed) process.exitCode = 1;
    rows.push(`Node ${version.slice(1)}, ${folder.split(/[\\/]/).at(-1)}: ${counts}`);
    console.log(rows.at(-1));
  }
}
console.log(`\n${rows.join('\n')}`);

#!/usr/bin/env node
// Packs the package in the current folder, and checks the tarball that npm users would get.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** The command-line script of an installed package. `require.resolve` can't find it: `exports` hides it. */
const cli = (name, path) =>
  (require.resolve.paths(name) ?? []).map((folder) => join(folder, name, path)).find(existsSync);

const folder = mkdtempSync(join(tmpdir(), 'packed-'));
try {
  const args = ['pack', '--json', '--pack-destination', folder];
  const { filename } = JSON.parse(execFileSync('pnpm', args, { encoding: 'utf8' }));
  const checks = [
    [cli('publint', 'src/cli.js'), filename, '--strict'],
    [cli('@arethetypeswrong/cli', 'dist/index.js'), filename, '--profile', 'esm-only'],
  ];
  for (const check of checks) {
    const { status } = spawnSync(process.execPath, check, { stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}

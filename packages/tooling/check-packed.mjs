#!/usr/bin/env node
// Packs the package in the current folder and checks the tarball as npm users will get it.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const folder = mkdtempSync(join(tmpdir(), 'packed-'));
try {
  const output = execFileSync('pnpm', ['pack', '--json', '--pack-destination', folder], { encoding: 'utf8' });
  const { filename } = JSON.parse(output);
  const cli = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);
  const checks = [
    [cli('publint', 'src/cli.js'), filename, '--strict'],
    [cli('@arethetypeswrong/cli', 'dist/index.js'), filename, '--profile', 'esm-only'],
  ];
  for (const args of checks) {
    const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
    if (status !== 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}

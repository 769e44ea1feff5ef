import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DoctorReport } from '@elistimator/backend';
import { expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

/** Runs the built command like the link that npm creates. */
const elistimator = (...args: string[]) =>
  spawnSync(
    process.execPath,
    [fileURLToPath(new URL(`../${manifest.bin.elistimator}`, import.meta.url)), ...args],
    { encoding: 'utf8' },
  );

it('doctor --json prints only a report of this machine to stdout', { timeout: 300_000 }, () => {
  const { status, stdout, stderr } = elistimator('doctor', '--json');
  const report: DoctorReport = JSON.parse(stdout);
  expect(status).toBe(0);
  expect(Object.keys(report)).toEqual([
    'schema',
    'trains',
    'platform',
    'tfjs',
    'backends',
    'libtensorflow',
    'cuda',
    'disk',
    'advice',
  ]);
  expect(report).toMatchObject({
    schema: 1,
    trains: true,
    platform: { node: process.versions.node },
  });
  expect(report.backends.map(({ name }) => name)).toEqual([
    'tfjs-node-gpu',
    'tfjs-node',
    'libtensorflow',
    'wasm',
    'cpu',
  ]);
  expect(report.backends.find(({ name }) => name === 'wasm')).toMatchObject({ trains: true });
  expect(stderr).toContain('looking at backend wasm');
});

it('exits with 2 for an unknown option', () => {
  expect(elistimator('doctor', '--jsno')).toMatchObject({ status: 2, stdout: '' });
  expect(elistimator('--version')).toMatchObject({ status: 0, stdout: `${manifest.version}\n` });
});

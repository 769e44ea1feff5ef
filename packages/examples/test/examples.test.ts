// Runs every example and checks its output.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkpointBackendConformance } from '@elistimator/checkpoint/conformance';
import { afterAll, describe, expect, it } from 'vitest';
import { gzipBackend } from '../src/gzip-backend';

const root = mkdtempSync(join(tmpdir(), 'examples-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Runs an example in its own process; returns standard output followed by standard error. */
const run = (name: string, ...args: string[]): string => {
  const script = fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url));
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', script, ...args],
    { encoding: 'utf8', env: { ...process.env, TMPDIR: root } },
  );
  expect(status, stderr).toBe(0);
  return stdout + stderr;
};

describe('examples', () => {
  it('mnist trains, validates, predicts, restores and reopens its directory', () => {
    const output = run('mnist', '--backend', 'wasm', '--images', '784', '--seed', '1');
    expect(output).toContain('Training (1): 14it [');
    expect(output).toContain('Training (2): 100%|');
    const accuracies = [...output.matchAll(/^accuracy=([\d.]+)/gm)].map(([, value]) =>
      Number(value),
    );
    expect(accuracies).toHaveLength(3);
    expect(accuracies[2]).toBeGreaterThan(0.5);
    expect(output).toMatch(/Predicted 1120 images from the dataset/);
    expect(output).toMatch(/Predicted one image by name: \d \(it shows a 7\)/);
    expect(output).toMatch(/Started again from the directory at step 42: predicted \d/);
  });

  it('custom-checkpoint-backend trains and reopens its directory', () => {
    const output = run('custom-checkpoint-backend');
    expect(output).toContain('model_iter-8.index.gz');
    expect(output).toContain('Started again at step 8');
  });

  it('early-stopping fits the line, and stops early', () => {
    const output = run('early-stopping');
    const [, step, loss] =
      /The best of (\d+) rounds.*step \d+ with a loss of ([\d.e-]+)/.exec(output) ?? [];
    expect(Number(step)).toBeLessThan(50);
    expect(Number(loss)).toBeLessThan(0.01);
  });

  it('tensorboard-only reads back what it logged', () => {
    expect(run('tensorboard-only')).toContain('Read back 100 positions');
  });
});

let count = 0;
checkpointBackendConformance('gzipBackend', {
  describe,
  it,
  create: () => gzipBackend(join(root, `gzip-${count++}`)),
});

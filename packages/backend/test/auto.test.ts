// The choice of `auto` if Python's TensorFlow is installed.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pythonOracle } from '@elistimator/tooling/python';
import { expect, it, vi } from 'vitest';
import { useBackend } from '../src';
import { findAddon } from '../src/candidates/tfjs-node-package';

const oracle = await pythonOracle();
const require = createRequire(import.meta.url);
const hasAddon = existsSync(findAddon(require.resolve('@tensorflow/tfjs-node/package.json')).path);

it.skipIf(oracle.python === undefined)(
  `auto prefers the addon, then Python's libtensorflow, to wasm${oracle.reason ? ` (skipped: ${oracle.reason})` : ''}`,
  async () => {
    vi.stubEnv('VIRTUAL_ENV', dirname(dirname(oracle.python ?? '')));
    const { name, summary, rejected } = await useBackend();
    expect(name).toBe(hasAddon ? 'tfjs-node' : 'libtensorflow');
    expect(summary).toMatch(
      new RegExp(`^backend: ${name} \\(TensorFlow 2\\.\\d+\\.\\d+\\); not tfjs-node-gpu: `),
    );
    expect(rejected.map((other) => other.name)).not.toContain('wasm');
  },
);

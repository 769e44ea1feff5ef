import { expect, it } from 'vitest';
import { summarize } from './report';

const report = {
  name: 'wasm',
  tfBackend: 'wasm',
  gpu: false,
  rejected: [],
  unused: [],
  warnings: [],
} as const;

it('contains the backend and its version', () => {
  expect(summarize({ ...report, version: '4.22.0' })).toBe('backend: wasm (4.22.0)');
  expect(summarize(report)).toBe('backend: wasm');
});

it('contains the version of TensorFlow, and the GPU', () => {
  const gpu = {
    ...report,
    name: 'tfjs-node-gpu',
    tfBackend: 'tensorflow',
    version: '2.21.0',
    gpu: true,
  } as const;
  expect(summarize(gpu)).toBe('backend: tfjs-node-gpu (TensorFlow 2.21.0, GPU)');
});

it('contains one line for each rejected backend, and the unused options', () => {
  const rejected = [
    { name: 'tfjs-node-gpu', reason: 'not installed' },
    { name: 'tfjs-node', reason: `cannot open ${'x'.repeat(200)}\nstack` },
  ] as const;
  const summary = summarize({ ...report, rejected, unused: ['gpu.memoryFraction'] });
  expect(summary).toMatch(
    /^backend: wasm; not tfjs-node-gpu: not installed; not tfjs-node: cannot open x+…; no GPU here for gpu\.memoryFraction$/,
  );
});

it('never cuts a command', () => {
  const command = 'npm install --ignore-scripts @tensorflow/tfjs-node';
  const rejected = [
    { name: 'tfjs-node', reason: `${'x'.repeat(100)} not installed: ${command}`, command },
    { name: 'libtensorflow', reason: `${'x'.repeat(200)}\nnot found: ${command}`, command },
  ] as const;
  const summary = summarize({ ...report, rejected });
  expect(summary).toMatch(
    /not tfjs-node: x+ not installed: npm install --ignore-scripts @tensorflow\/tfjs-node;/,
  );
  expect(summary).toMatch(
    /not libtensorflow: x+… npm install --ignore-scripts @tensorflow\/tfjs-node$/,
  );
});

it('uses the tfjs name of a custom backend', () => {
  expect(summarize({ ...report, name: 'own', tfBackend: 'webgpu' })).toBe('backend: webgpu');
});

it('ends with the warnings', () => {
  expect(summarize({ ...report, warnings: ['two copies'] })).toBe(
    'backend: wasm; warning: two copies',
  );
});

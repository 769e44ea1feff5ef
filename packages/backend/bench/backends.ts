// Training steps per second on each backend that starts, with the training kernels on wasm.
//
//   pnpm --filter @elistimator/backend bench

import { createTrainingStep } from '@elistimator/tooling/bench-networks';
import * as tf from '@tensorflow/tfjs';
import { type BackendName, useBackend } from '../src';

const names: readonly BackendName[] = ['tfjs-node-gpu', 'tfjs-node', 'wasm'];
const seconds = 6;

for (const backend of names) {
  const report = await useBackend({ backend }).catch((error: Error) => error);
  if (report instanceof Error) {
    console.log(`${backend}: ${report.message}`);
    continue;
  }
  for (const name of ['CNN', 'MLP'] as const) {
    const step = createTrainingStep(tf, name);
    for (let count = 0; count < 3; count++) step();
    const start = performance.now();
    let steps = 0;
    for (; performance.now() - start < seconds * 1000; steps++) step();
    const rate = (steps / (performance.now() - start)) * 1000;
    console.log(
      `${name} on ${report.summary.replace('backend: ', '')}: ${rate.toFixed(2)} steps/s`,
    );
  }
}

// Training steps a second on each backend that starts here, ours for wasm.
//
//   pnpm --filter @elistimator/backend bench
import { type BackendName, useBackend } from '../src';
import { trainingStep } from './models';

const names: readonly BackendName[] = ['tfjs-node-gpu', 'tfjs-node', 'wasm'];
const seconds = 6;

for (const backend of names) {
  const report = await useBackend({ backend }).catch((error: Error) => error);
  if (report instanceof Error) {
    console.log(`${backend}: ${report.message}`);
    continue;
  }
  for (const name of ['CNN', 'MLP'] as const) {
    const step = trainingStep(name);
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

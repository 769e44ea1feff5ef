// Training steps per second on wasm: the stock kernels, with the one that a CNN can't train
// without, compared with ours. Interleaved in one process, so that load on the machine affects
// both.
//
//   pnpm --filter @elistimator/backend bench
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { type BenchNetwork, createTrainingStep } from '@elistimator/tooling/bench-networks';
import { registerWasmTrainingKernels } from '../src/wasm';
import { trainingKernels } from '../src/wasm/training-kernels';

const rounds = 5;
const stepsPerRound: Record<BenchNetwork, number> = { CNN: 2, MLP: 50 };

type Kernels = readonly tf.KernelConfig[];

const kernelNames = trainingKernels.map(({ kernelName }) => kernelName);
const registered = (): Kernels =>
  kernelNames.map((name) => tf.getKernel(name, 'wasm')).filter((kernel) => kernel !== undefined);

const use = (kernels: Kernels): void => {
  for (const { kernelName } of registered()) tf.unregisterKernel(kernelName, 'wasm');
  for (const kernel of kernels) tf.registerKernel(kernel);
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

await tf.setBackend('wasm');
const stock = registered();
registerWasmTrainingKernels();
const ours = registered();
const filterOnly = ours.filter(({ kernelName }) => kernelName === tf.Conv2DBackpropFilter);
const sides = { stock: [...stock, ...filterOnly], ours };

for (const name of ['CNN', 'MLP'] as const) {
  const step = createTrainingStep(tf, name);
  const rates: Record<keyof typeof sides, number[]> = { stock: [], ours: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const side of ['stock', 'ours'] as const) {
      use(sides[side]);
      const start = performance.now();
      for (let count = 0; count < stepsPerRound[name]; count++) step();
      const seconds = (performance.now() - start) / 1000;
      // The first round compiles and warms up.
      if (round > 0) rates[side].push(stepsPerRound[name] / seconds);
    }
  }
  const [before, after] = [median(rates.stock), median(rates.ours)];
  console.log(
    `${name}: stock wasm with the filter kernel ${before.toFixed(2)} steps/s, ours ${after.toFixed(2)} steps/s, ratio ${(after / before).toFixed(2)}`,
  );
}

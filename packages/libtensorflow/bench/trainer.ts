// A process that trains one variant of the benchmark on request.
//
//   trainer.ts ffi|addon CNN|MLP PATH-OF-LIBTENSORFLOW
import { createRequire } from 'node:module';
import { createTrainingStep } from '@elistimator/tooling/bench-networks';
import type * as TensorflowJs from '@tensorflow/tfjs';
import { loadLibtensorflow, registerTfjsBackend } from '../src';

const [variant, model, path = ''] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const tf: typeof TensorflowJs = require('@tensorflow/tfjs');
if (variant === 'addon') require('@tensorflow/tfjs-node');
else {
  const binding = (await loadLibtensorflow({ path })).tfjsBinding();
  registerTfjsBackend({ tf, binding, require });
  await tf.setBackend('tensorflow');
}

const step = createTrainingStep(tf, model === 'CNN' ? 'CNN' : 'MLP');
process.on('message', (steps: number) => {
  const start = performance.now();
  let loss = Number.NaN;
  for (let count = 0; count < steps; count++) loss = step();
  const rate = (steps / (performance.now() - start)) * 1000;
  process.send?.({ rate, loss, tensors: tf.memory().numTensors });
});
process.send?.('ready');

// Training steps per second: elistimator's loop, with progress bar and logs, against a handwritten loop.
//
//   pnpm bench:loop [BACKEND]
import { rmSync } from 'node:fs';
import { Writable } from 'node:stream';
import { mnistTrain } from '@elistimator/examples/mnist-data';
import { benchNetworks } from '@elistimator/tooling/bench-networks';
import * as tf from '@tensorflow/tfjs';
import * as elistimator from 'elistimator';
import { interleave } from './interleave';
import { BATCH, createModelFns, lossOf, type MnistBatch, type NetworkName } from './networks';

const { Dataset, Elistimator, TqdmReporter, useBackend } = elistimator;

const READ_EVERY_MS = 100;

const optimizer = () => tf.train.sgd(0.001);

const modelFns = createModelFns({ tf, elistimator });

const measure = async (name: NetworkName, steps: number, pairs: number): Promise<void> => {
  const { images, labels } = mnistTrain(BATCH * steps);
  const dataset = () =>
    Dataset.fromTensorSlices({ images, labels }).shuffle(1000, { seed: 1 }).batch(BATCH);

  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  const estimator = new Elistimator({
    modelFn: modelFns[name],
    params: {},
    progress: new TqdmReporter({ stream: sink }),
  });
  await estimator.setup({ trainInputFn: dataset });

  // The same network as users of TensorFlow.js write it.
  const model = benchNetworks[name === 'cnn' ? 'CNN' : 'MLP'](tf);
  const sgd = optimizer();
  const batches = dataset();
  // Reads losses back in bulk, as elistimator does.
  const handwrittenLoop = async (): Promise<number> => {
    let losses: tf.Scalar[] = [];
    let read = performance.now();
    const readLosses = async () => {
      if (losses.length === 0) return;
      const stacked = tf.stack(losses);
      await stacked.data();
      tf.dispose([stacked, ...losses]);
      losses = [];
      read = performance.now();
    };
    for await (const batch of batches) {
      const { images: x, labels: y } = batch as unknown as MnistBatch;
      const loss = sgd.minimize(
        () => lossOf(tf, y, model.apply(x, { training: true }) as tf.Tensor),
        true,
      );
      tf.dispose(batch);
      if (loss) losses.push(loss);
      if (performance.now() - read > READ_EVERY_MS) await readLosses();
    }
    await readLosses();
    return steps;
  };
  const elistimatorLoop = async (): Promise<number> => {
    await estimator.train();
    return steps;
  };
  const { first, second, ratio } = await interleave(
    pairs,
    { run: elistimatorLoop },
    { run: handwrittenLoop },
  );
  console.log(
    `  ${name}: elistimator ${first.toFixed(2)} steps/s, handwritten ${second.toFixed(2)} steps/s: overhead ${(100 * (1 / ratio - 1)).toFixed(1)}%`,
  );
  await estimator.close();
  rmSync(estimator.modelDir, { recursive: true });
};

const backend = process.argv[2];
const { summary } = await useBackend(backend === undefined ? {} : { backend: backend as 'wasm' });
console.log(`Loop overhead: MNIST, batch ${BATCH}; ${summary}`);
await measure('mlp', 200, 11);
await measure('cnn', 10, 5);

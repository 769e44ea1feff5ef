// Training steps per second: elistimator's loop, with progress bar and logs, against a loop by hand.
import { rmSync } from 'node:fs';
import { Writable } from 'node:stream';
import { mnistTrain } from '@elistimator/examples/mnist-data';
import * as tf from '@tensorflow/tfjs';
import {
  Dataset,
  defineModelFn,
  Elistimator,
  layers,
  TqdmReporter,
  TrainSpec,
  useBackend,
} from 'elistimator';
import { alternate } from './alternate';

const BATCH = 56;
const READ_EVERY_MS = 100;

interface Features {
  readonly images: tf.Tensor2D;
  readonly labels: tf.Tensor1D;
}

const lossOf = (labels: tf.Tensor1D, logits: tf.Tensor): tf.Scalar =>
  tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 10), logits) as tf.Scalar;

const optimizer = () => tf.train.sgd(0.001);

const cnn = defineModelFn((features: Features, isTraining: boolean, _params: object) => {
  const input = tf.reshape(features.images, [-1, 28, 28, 1]);
  const conv = { kernelSize: 5, padding: 'same', activation: 'relu' } as const;
  const pool = { poolSize: 2, strides: 2 } as const;
  const pool1 = layers.maxPooling2d(layers.conv2d(input, { filters: 32, ...conv }), pool);
  const pool2 = layers.maxPooling2d(layers.conv2d(pool1, { filters: 64, ...conv }), pool);
  const dense = layers.dense(layers.flatten(pool2), { units: 1024, activation: 'relu' });
  const logits = layers.dense(layers.dropout(dense, { rate: 0.4, training: isTraining }), {
    units: 10,
  });
  return [new TrainSpec({ loss: () => lossOf(features.labels, logits), optimizer }), null, null];
});

const mlp = defineModelFn((features: Features, _isTraining: boolean, _params: object) => {
  const hidden = layers.dense(features.images, { units: 128, activation: 'relu' });
  const logits = layers.dense(hidden, { units: 10 });
  return [new TrainSpec({ loss: () => lossOf(features.labels, logits), optimizer }), null, null];
});

/** The same networks as tfjs users write them. Their dropout draws its mask as ours does. */
const byHand = {
  cnn: () => {
    const conv = { kernelSize: 5, padding: 'same', activation: 'relu' } as const;
    const pool = { poolSize: 2, strides: 2 } as const;
    return tf.sequential({
      layers: [
        tf.layers.reshape({ targetShape: [28, 28, 1], inputShape: [784] }),
        tf.layers.conv2d({ filters: 32, ...conv }),
        tf.layers.maxPooling2d(pool),
        tf.layers.conv2d({ filters: 64, ...conv }),
        tf.layers.maxPooling2d(pool),
        tf.layers.flatten(),
        tf.layers.dense({ units: 1024, activation: 'relu' }),
        tf.layers.dropout({ rate: 0.4 }),
        tf.layers.dense({ units: 10 }),
      ],
    });
  },
  mlp: () =>
    tf.sequential({
      layers: [
        tf.layers.dense({ units: 128, activation: 'relu', inputShape: [784] }),
        tf.layers.dense({ units: 10 }),
      ],
    }),
};

const models = { cnn, mlp };

const measure = async (name: keyof typeof models, steps: number, rounds: number): Promise<void> => {
  const { images, labels } = mnistTrain(BATCH * steps);
  const dataset = () =>
    Dataset.fromTensorSlices({ images, labels }).shuffle(1000, { seed: 1 }).batch(BATCH);

  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  const estimator = new Elistimator({
    modelFn: models[name],
    params: {},
    progress: new TqdmReporter({ stream: sink }),
  });
  await estimator.setup({ trainInputFn: dataset });

  const model = byHand[name]();
  const sgd = optimizer();
  const batches = dataset();
  // A loop as careful as ours: losses are read back in bulk, now and then.
  const loopByHand = async (): Promise<number> => {
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
      const { images: x, labels: y } = batch as unknown as Features;
      const loss = sgd.minimize(
        () => lossOf(y, model.apply(x, { training: true }) as tf.Tensor),
        true,
      );
      tf.dispose(batch);
      if (loss) losses.push(loss);
      if (performance.now() - read > READ_EVERY_MS) await readLosses();
    }
    await readLosses();
    return steps;
  };
  const loopOfOurs = async (): Promise<number> => {
    await estimator.train();
    return steps;
  };
  const { first, second, ratio } = await alternate(rounds, loopOfOurs, loopByHand);
  console.log(
    `  ${name}: elistimator ${first.toFixed(2)} steps/s, by hand ${second.toFixed(2)} steps/s: overhead ${(100 * (1 / ratio - 1)).toFixed(1)}%`,
  );
  await estimator.close();
  rmSync(estimator.modelDir, { recursive: true });
};

const backend = process.argv[2];
const { summary } = await useBackend(backend === undefined ? {} : { backend: backend as 'wasm' });
console.log(`Loop overhead: MNIST, batch ${BATCH}; ${summary}`);
await measure('mlp', 200, 11);
await measure('cnn', 10, 5);

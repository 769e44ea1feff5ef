// Trains on one backend for backend-agreement.ts; prints the losses and the accuracy after a round as JSON.
import { parseArgs } from 'node:util';
import { cnnModelFn } from '@elistimator/examples/cnn-model';
import { mnistTest, mnistTrain } from '@elistimator/examples/mnist-data';
import * as tf from '@tensorflow/tfjs';
import { type BackendName, Dataset, Elistimator, readScalars, useBackend } from 'elistimator';

const { values: args } = parseArgs({
  options: {
    backend: { type: 'string', default: 'wasm' },
    steps: { type: 'string', default: '50' },
    round: { type: 'boolean', default: false },
    // Changes the first kernel by one part in ten million, to show the effect of rounding alone.
    nudge: { type: 'boolean', default: false },
  },
});

const BATCH = 56;
const backend = args.backend as BackendName;
// Always all images, so that the shuffled order does not depend on the number of steps.
const train = mnistTrain(60_000);
const test = mnistTest(10_000);
const estimator = new Elistimator({
  modelFn: cnnModelFn,
  params: { imgHeight: 28, imgWidth: 28 },
  sessionArgs: { backend, seed: 7 },
  progress: false,
});
await estimator.setup({
  trainInputFn: () =>
    Dataset.fromTensorSlices({ images: train.images, labels: train.labels })
      .shuffle(1000, { seed: 7 })
      .batch(BATCH),
  validationInputFn: () =>
    Dataset.fromTensorSlices({ images: test.images, labels: test.labels }).batch(BATCH),
});
if (args.nudge) {
  const kernel = estimator.session.variables.get('conv2d/kernel');
  kernel?.assign(tf.tidy(() => kernel.mul(1 + 1e-7)));
}
const started = performance.now();
await estimator.train({ maxSteps: Number(args.steps) });
if (args.round) {
  // A complete round, in another order.
  await estimator.train();
}
const seconds = (performance.now() - started) / 1000;
const scalars = await readScalars(estimator.trainLogs);
const losses = scalars
  .get('loss')
  ?.map(({ value }) => value)
  .slice(0, Number(args.steps));
const accuracy = args.round ? (await estimator.validate()).accuracy : undefined;
const { globalStep } = estimator;
await estimator.close();
const { summary } = await useBackend({ backend });
process.stdout.write(
  JSON.stringify({ summary, losses, accuracy, globalStep, stepsPerSecond: globalStep / seconds }),
);

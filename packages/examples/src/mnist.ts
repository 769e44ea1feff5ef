// A complete job on MNIST: trains, validates, restores, evaluates, predicts, and reopens the directory.
import { parseArgs } from 'node:util';
import { type BackendName, Dataset, Elistimator, type SessionArgs } from 'elistimator';
import { cnnModelFn } from './cnn-model';
import { mnistTest, mnistTrain } from './mnist-data';

const { values: args } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    images: { type: 'string', default: '3360' },
    'model-dir': { type: 'string' },
    backend: { type: 'string' },
    seed: { type: 'string' },
  },
});

// The full job is 5 rounds of 1072 steps; without --full, a part of it that takes a few minutes.
const size = args.full
  ? { train: 60_000, test: 10_000, epochs: 5 }
  : { train: Number(args.images), test: 1120, epochs: 3 };
const params = { imgHeight: 28, imgWidth: 28, batchSize: 56, epochs: size.epochs };

const train = mnistTrain(size.train);
const test = mnistTest(size.test);
const trainInputFn = () =>
  Dataset.fromTensorSlices({ images: train.images, labels: train.labels })
    .shuffle(1000, args.seed === undefined ? {} : { seed: Number(args.seed) })
    .batch(params.batchSize)
    .prefetch(1);
const validationInputFn = () =>
  Dataset.fromTensorSlices({ images: test.images, labels: test.labels }).batch(params.batchSize);

const sessionArgs: SessionArgs = {
  ...(args.backend !== undefined && { backend: args.backend as BackendName }),
  ...(args.seed !== undefined && { seed: Number(args.seed) }),
};
const estimator = new Elistimator({
  modelFn: cnnModelFn,
  modelDir: args['model-dir'],
  params,
  sessionArgs,
});
await estimator.setup({ trainInputFn, validationInputFn, trainSaverArgs: { maxToKeep: 3 } });
console.log(
  `MNIST: ${size.train} training images, ${size.test} test images, ${size.epochs} rounds`,
);
console.log(`Model directory: ${estimator.modelDir}`);

for (let epoch = 0; epoch < params.epochs; epoch++) {
  await estimator.train().validate();
  await estimator.saveCkpt();
}

console.log('\nCheckpoints:', estimator.checkpoints);
await estimator.restoreBestCkpt();
console.log(
  'Evaluation of the best one:',
  await estimator.evaluate({ inputFn: validationInputFn }),
);

let predicted = 0;
for await (const { classes } of estimator.predict({ inputFn: validationInputFn })) {
  predicted += classes.length;
}
console.log(`Predicted ${predicted} images from the dataset`);

const firstImage = { data: test.images.data.subarray(0, 784), shape: [1, 784] };
const { classes } = await estimator.predict({ images: firstImage });
console.log(`Predicted one image by name: ${classes} (it shows a ${test.labels[0]})`);
await estimator.close();

// No model function is needed: the checkpoint contains the model's graph.
const again = await Elistimator.fromDisk({ modelDir: estimator.modelDir, sessionArgs });
const { classes: same } = await again.predict({ images: firstImage });
console.log(`Started again from the directory at step ${again.globalStep}: predicted ${same}`);
await again.close();

console.log(`\nLogs: tensorboard --logdir ${estimator.modelDir}`);
if (!args.full) console.log('The full job (5 rounds of 1072 steps): npm start -- --full');

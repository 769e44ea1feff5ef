// Features of strings, which some kernels of some backends can't handle.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, expect, it } from 'vitest';
import {
  Dataset,
  defineModelFn,
  Elistimator,
  EvaluationSpec,
  layers,
  PredictSpec,
  TrainSpec,
} from '../src';

const root = mkdtempSync(join(tmpdir(), 'strings-'));
afterAll(() => rmSync(root, { recursive: true }));

interface Features {
  readonly x: tf.Tensor2D;
  readonly y: tf.Tensor2D;
  readonly name: tf.Tensor;
  readonly unused: tf.Tensor;
}

/** Fits a line, passes on the feature "name", and ignores "unused". */
const modelFn = defineModelFn(({ x, y, name }: Features) => {
  const line = layers.dense(x, { units: 1 });
  const loss = () => tf.losses.meanSquaredError(y, line) as tf.Scalar;
  const label = tf.stack([name, tf.concat([name.slice([1]), name.slice([0], [1])])]);
  return [
    new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.01) }),
    new EvaluationSpec({ loss, metrics: {} }),
    new PredictSpec({ output: { line, name, label } }),
  ];
});

const x = Array.from({ length: 8 }, (_, index) => [index / 8]);
const y = x.map(([value = 0]) => [value + 2]);
const name = x.map((_, index) => `n${index}`);
const unused = x.map((_, index) => [`u${index}`, 'ü']);
const slices = () => Dataset.fromTensorSlices({ x, y, name, unused });
const tensors = () => ({
  x: tf.tensor(x),
  y: tf.tensor(y),
  name: tf.tensor(name),
  unused: tf.tensor(unused, [8, 2], 'string'),
});

const inputFns = {
  'rows of arrays': () => slices().batch(4),
  'shuffled rows': () => slices().shuffle(8, { seed: 1 }).batch(4).prefetch(2),
  'rows of tensors': () => Dataset.fromTensorSlices(tensors()).batch(4),
  'joined rows': () => slices().concatenate(slices()).batch(3),
  'stacked tensors': () =>
    Dataset.fromGenerator(function* () {
      for (const text of ['a', 'b']) {
        yield {
          x: tf.tensor([1]),
          y: tf.tensor([3]),
          name: tf.scalar(text, 'string'),
          unused: tf.tensor(['u', text], [2], 'string'),
        };
      }
    }).batch(2),
  'batches of tensors': function* () {
    yield tensors();
  },
};

const cases = Object.keys(inputFns).flatMap((form) =>
  (['wasm', 'cpu'] as const).flatMap((backend) =>
    (['eager', 'replay'] as const).map((execution) => ({ form, backend, execution })),
  ),
);

it.each(cases)('$form on $backend, $execution', async ({ form, backend, execution }) => {
  const trainInputFn = inputFns[form as keyof typeof inputFns] as () => Dataset<Features>;
  const sessionArgs = { backend, execution, seed: 1 };
  const modelDir = mkdtempSync(join(root, 'dir-'));
  const options = { modelFn, modelDir, sessionArgs, progress: false };
  const inputs = { trainInputFn, validationInputFn: trainInputFn };
  const features = { x: [[1], [2]], name: ['p', 'q'] };
  const labels = {
    name: ['p', 'q'],
    label: [
      ['p', 'q'],
      ['q', 'p'],
    ],
  };

  const estimator = new Elistimator(options);
  await estimator.setup(inputs);
  await estimator.train().validate();
  await estimator.saveCkpt();
  const prediction = await estimator.predict(features);
  expect(prediction).toMatchObject(labels);
  const [fetched] = await estimator.session.run(['label'], { name: ['p', 'q'] });
  expect(fetched?.arraySync()).toEqual(labels.label);
  fetched?.dispose();
  const next = await estimator.train().validate();
  await estimator.close();

  for (const fn of [modelFn, undefined]) {
    const again = await Elistimator.fromDisk({ ...options, modelFn: fn });
    expect(await again.predict({ ...features, name: tf.tensor(['p', 'q']) })).toEqual(prediction);
    expect(await again.evaluate({ inputFn: trainInputFn })).toHaveProperty('loss');
    await again.setup(inputs);
    expect(await again.train().validate()).toEqual(next);
    await again.close();
  }
});

// A new process that has only the model directory, without the model function.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, it } from 'vitest';
import {
  defineModelFn,
  Elistimator,
  EvaluationSpec,
  layers,
  metrics,
  NotReadyError,
  PredictSpec,
  readScalars,
  summary,
  TrainSpec,
} from '../src';
import { testStripes, trainInputFn, validationInputFn } from './digits';

const root = mkdtempSync(join(tmpdir(), 'no-code-'));
afterAll(() => rmSync(root, { recursive: true }));

interface Features {
  readonly images: tf.Tensor2D;
  readonly labels: tf.Tensor1D;
}

/** Reads the labels in each call, even for a prediction, like the Python original. */
const straightModelFn = defineModelFn(
  ({ images, labels }: Features, isTraining: boolean, params: { readonly units: number }) => {
    const pictures = images.reshape<tf.Tensor4D>([-1, 4, 4, 1]);
    const conv = layers.conv2d(pictures, { filters: 4, kernelSize: 3, padding: 'same' });
    const normalized = layers.batchNormalization(conv);
    const hidden = layers.dense(layers.flatten(normalized), {
      units: params.units,
      activation: 'relu',
      kernelConstraint: 'maxNorm',
      kernelRegularizer: 'l1l2',
    });
    const dropped = layers.dropout(hidden, { rate: 0.2, training: isTraining });
    const logits = layers.dense(dropped, { units: 4 });
    const classes = tf.argMax(logits, 1) as tf.Tensor1D;
    const probabilities = tf.softmax(logits) as tf.Tensor2D;
    const loss = tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 4), logits) as tf.Scalar;
    summary.scalar('largest', tf.max(logits));
    return [
      new TrainSpec({ loss, optimizer: () => tf.train.adam(0.01) }),
      new EvaluationSpec({
        loss,
        metrics: {
          accuracy: metrics.accuracy({ labels, predictions: classes }),
          confusion: metrics.confusionMatrix({ labels, predictions: classes, numClasses: 4 }),
        },
      }),
      new PredictSpec({ output: { classes, probabilities } }),
    ];
  },
);

const images = { data: testStripes.images.data.subarray(0, 16), shape: [1, 16] };

const trained = async (modelDir: string, backend: 'wasm' | 'cpu') => {
  const estimator = new Elistimator({
    modelFn: straightModelFn,
    modelDir,
    params: { units: 16 },
    sessionArgs: { backend, seed: 3 },
    progress: false,
  });
  await estimator.setup({ trainInputFn, validationInputFn });
  await estimator.train();
  return estimator;
};

const runWithoutCode = (modelDir: string, backend: string) => {
  const script = fileURLToPath(new URL('no-code-run.ts', import.meta.url));
  const arguments_ = ['--import', 'tsx', script, modelDir, backend];
  return JSON.parse(execFileSync(process.execPath, arguments_, { encoding: 'utf8' }));
};

it('predicts, evaluates and continues training in a new process exactly as if it had never stopped', async () => {
  const modelDir = join(root, 'run');
  const estimator = await trained(modelDir, 'wasm');
  const { loss, ...measured } = await estimator.validate();
  const file = await estimator.saveCkpt();
  expect(statSync(`${file}.meta`).size).toBeLessThan(200_000);
  // Without the lock of this process.
  const filter = (source: string) => !source.endsWith('.elistimator.lock');
  cpSync(modelDir, join(root, 'copy'), { recursive: true, filter });

  // Without labels, from a model function that reads them.
  const prediction = await estimator.predict({ images });
  await estimator.train({ maxSteps: 10 });
  const next = await estimator.validate();
  const losses = (await readScalars(estimator.trainLogs)).get('loss')?.map(({ value }) => value);
  const operations = estimator.graph.operations.map(({ name }) => name);
  await estimator.close();

  const resumed = runWithoutCode(join(root, 'copy'), 'wasm');
  expect(resumed).toEqual({
    prediction,
    evaluation: { ...measured, loss },
    probabilities: prediction.probabilities,
    operations,
    losses: losses?.slice(-10),
    next,
    globalStep: 20,
  });
  expect(operations).toEqual(
    expect.arrayContaining(['conv2d/Conv2D', 'dense/MatMul', 'dense_1/MatMul', 'softmax']),
  );
});

/** A model function that can't be traced, because it reads values in JavaScript. */
const peekingModelFn = defineModelFn(({ images, labels }: Features) => {
  const logits = layers.dense(images, { units: tf.max(labels).dataSync()[0] === 0 ? 4 : 4 });
  const loss = tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 4), logits) as tf.Scalar;
  return [
    new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }),
    null,
    new PredictSpec({ output: { logits } }),
  ];
});

const messages = () => {
  const log: string[] = [];
  return {
    log,
    reporter: {
      begin: () => {},
      advance: () => false,
      show: () => {},
      end: () => {},
      message: (text: string) => void log.push(text),
    },
  };
};

describe('a model that can not be traced', () => {
  it('trains eagerly, prints the reason, and needs its code to start again', async () => {
    const modelDir = join(root, 'peeking');
    const { log, reporter } = messages();
    const estimator = new Elistimator({
      modelFn: peekingModelFn,
      modelDir,
      sessionArgs: { backend: 'cpu' },
      progress: reporter,
    });
    await estimator.setup({ trainInputFn });
    await estimator.train({ maxSteps: 2 }).saveCkpt();
    expect(log.filter((text) => text.includes("Can't be traced"))).toHaveLength(1);
    await estimator.close();
    const recovering = Elistimator.fromDisk({ modelDir, progress: false });
    await expect(recovering).rejects.toThrow(NotReadyError);
    await expect(recovering).rejects.toThrow(/expected a modelFn.*Can't be traced/);
    const again = await Elistimator.fromDisk({
      modelDir,
      modelFn: peekingModelFn,
      progress: false,
    });
    expect(again.globalStep).toBe(2);
    await again.close();
  });
});

describe('the graph of an estimator', () => {
  it('can be run and inspected; differences from changed code are printed', async () => {
    const modelDir = join(root, 'graph');
    const estimator = await trained(modelDir, 'cpu');
    const kernel = estimator.session.variables.get('dense/kernel');
    const [logits, weights] = await estimator.session.run(['dense_1/MatMul', 'dense/kernel'], {
      images,
    });
    expect(logits?.size).toBe(4);
    expect(weights?.dataSync()).toEqual(kernel?.dataSync());
    tf.dispose([logits, weights].flatMap((tensor) => tensor ?? []));
    expect(estimator.graph.operation('conv2d/Conv2D')).toMatchObject({ type: '_FusedConv2D' });
    await expect(estimator.session.run('nothing', { images })).rejects.toThrow('"nothing"');
    await expect(estimator.session.run('softmax')).rejects.toMatchObject({
      name: 'MissingFeatureError',
      feature: 'images',
    });
    await estimator.saveCkpt();
    await estimator.close();

    const { log, reporter } = messages();
    const changed = await Elistimator.fromDisk({
      modelDir,
      modelFn: (features: Features, isTraining: boolean, params: { readonly units: number }) => {
        const [train, evaluation, prediction] = straightModelFn(features, isTraining, params);
        const output = () => ({ ...Object(prediction?.output), twice: features.images.mul(2) });
        return [train, evaluation, new PredictSpec({ output })];
      },
      progress: reporter,
    });
    expect(log.join()).toMatch(/modelFn differs from the graph in the directory.*adds/);
    await changed.close();
  });

  it('can not compute a custom metric, whose code is not stored', async () => {
    const modelDir = join(root, 'custom-metric');
    const modelFn = defineModelFn((features: Features) => {
      const logits = layers.dense(features.images, { units: 4 });
      const loss = tf.losses.softmaxCrossEntropy(
        tf.oneHot(features.labels, 4),
        logits,
      ) as tf.Scalar;
      const half = metrics.custom({
        update: () => ({ sum: tf.sum(logits) }),
        result: ({ sum }) => (sum?.data[0] ?? 0) / 2,
      });
      return [
        new TrainSpec({ loss, optimizer: () => tf.train.momentum(0.1, 0.9) }),
        new EvaluationSpec({ loss, metrics: { half } }),
        new PredictSpec({ output: { logits } }),
      ];
    });
    const first = new Elistimator({
      modelFn,
      modelDir,
      sessionArgs: { backend: 'cpu' },
      progress: false,
    });
    await first.setup({ trainInputFn });
    await first.saveCkpt();
    await first.close();
    const estimator = await Elistimator.fromDisk({ modelDir, progress: false });
    expect(await estimator.predict({ images })).toHaveProperty('logits');
    await expect(estimator.evaluate({ inputFn: validationInputFn })).rejects.toThrow(
      /metric of kind "custom".*Pass the model function/,
    );
    await estimator.setup({ trainInputFn });
    await estimator.train({ maxSteps: 1 });
    expect(estimator.globalStep).toBe(1);
    await estimator.close();
  });
});

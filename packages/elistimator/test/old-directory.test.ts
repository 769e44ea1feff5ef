// A model directory that version 0.0.0 wrote can be opened, predicts, evaluates and continues training.
// fixtures/written-by-0.0.0/make.mjs shows how it was made.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCheckpoint } from '@elistimator/checkpoint';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  Dataset,
  defineModelFn,
  Elistimator,
  EvaluationSpec,
  layers,
  metrics,
  PredictSpec,
  type ProgressReporter,
  TrainSpec,
} from '../src';
import expected from './fixtures/written-by-0.0.0/expected.json';

const fixture = fileURLToPath(new URL('fixtures/written-by-0.0.0', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'old-directory-'));
afterAll(() => rmSync(root, { recursive: true }));

let modelDir: string;
beforeEach(() => {
  modelDir = mkdtempSync(join(root, 'model-'));
  cpSync(join(fixture, 'checkpoints'), join(modelDir, 'checkpoints'), { recursive: true });
});

interface Features {
  readonly x: tf.Tensor2D;
  readonly label: tf.Tensor1D;
}

const modelFn = defineModelFn(
  (
    { x, label }: Features,
    isTraining: boolean,
    { units, rate }: { readonly units: number; readonly rate: number },
  ) => {
    const hidden = layers.dense(x, { units, activation: 'relu' });
    const dropped = layers.dropout(hidden, { rate, training: isTraining });
    const logits = layers.dense(dropped, { units: 2 });
    const classes = tf.argMax(logits, 1) as tf.Tensor1D;
    const loss = () => tf.losses.softmaxCrossEntropy(tf.oneHot(label, 2), logits) as tf.Scalar;
    return [
      new TrainSpec({ loss, optimizer: () => tf.train.adam(0.01) }),
      new EvaluationSpec({
        loss,
        metrics: () => ({ accuracy: metrics.accuracy({ labels: label, predictions: classes }) }),
      }),
      new PredictSpec({ output: { classes, probabilities: tf.softmax(logits) as tf.Tensor2D } }),
    ];
  },
);

const batches = () =>
  Dataset.fromTensorSlices({
    x: { data: Float32Array.from(expected.points.flat()), shape: [expected.points.length, 3] },
    label: Int32Array.from(expected.labels),
  }).batch(4);
const inputFns = { trainInputFn: batches, validationInputFn: batches };

/** Records the label of each round that starts, such as "Training (1)", and messages. */
const labelRecorder = (): ProgressReporter & {
  readonly labels: readonly string[];
  readonly messages: readonly string[];
} => {
  const labels: string[] = [];
  const messages: string[] = [];
  return {
    labels,
    messages,
    begin: ({ label }) => labels.push(label),
    advance: () => false,
    show: () => {},
    end: () => {},
    message: (text) => void messages.push(text),
  };
};

const sessionArgs = { backend: 'wasm' } as const;
const withoutCode = (progress: boolean | ProgressReporter) =>
  Elistimator.fromDisk({ modelDir, sessionArgs, progress });
const withCode = (progress: boolean | ProgressReporter) =>
  Elistimator.fromDisk({ modelDir, modelFn, sessionArgs, progress });

type Open = (progress: boolean | ProgressReporter) => ReturnType<typeof withoutCode>;

/** Compares nested lists of numbers, to 1e-5. */
const expectClose = (actual: unknown, wanted: readonly unknown[]): void => {
  const numbers = [actual].flat(9).map(Number);
  expect(numbers).toHaveLength(wanted.flat(9).length);
  wanted.flat(9).forEach((value, index) => {
    expect(Math.abs((numbers[index] ?? Number.NaN) - Number(value))).toBeLessThan(1e-5);
  });
};

const expectVariables = (
  variables: ReadonlyMap<string, tf.Variable>,
  wanted: Readonly<Record<string, readonly unknown[]>>,
): void => {
  for (const [name, values] of Object.entries(wanted))
    expectClose(variables.get(name)?.arraySync(), values);
};

describe.each<[string, Open]>([
  ['without the model function', withoutCode],
  ['with the model function', withCode],
])('a directory written by 0.0.0, opened %s', (_, open) => {
  it('has the same variables, predictions and evaluation', async () => {
    const estimator = await open(false);
    expect(estimator.globalStep).toBe(expected.globalStep);
    expect([...estimator.checkpoints.keys()]).toEqual(expected.checkpoints);
    expect(estimator.params).toEqual({ units: 4, rate: 0.25 });
    expectVariables(estimator.session.variables, expected.variables);

    const x = { data: Float32Array.from(expected.inputs.flat()), shape: [4, 3] };
    const { classes, probabilities } = await estimator.predict({ x });
    expect(classes).toEqual(expected.predictions.classes);
    expectClose(probabilities, expected.predictions.probabilities);

    const evaluation = await estimator.evaluate({ inputFn: batches });
    expect(evaluation.accuracy).toBeCloseTo(expected.evaluation.accuracy, 5);
    expect(evaluation.loss).toBeCloseTo(expected.evaluation.loss, 5);
    await estimator.close();
  });

  it('continues training from the last step, and saves a checkpoint that can be opened', async () => {
    const progress = labelRecorder();
    const estimator = await open(progress);
    // Graphs that another version traced are not compared with the code.
    expect(progress.messages.filter((text) => text.includes('differs'))).toEqual([]);
    await estimator.setup(inputFns);
    const { loss } = await estimator.train().validate();
    expect(progress.labels[0]).toBe(`Training (${expected.rounds + 1})`);
    expect(loss).toBeLessThan(expected.evaluation.loss - 0.005);
    expect(estimator.globalStep).toBe(18);
    const prefix = await estimator.saveCkpt();
    await estimator.close();

    const stored = (checkpoint: string) =>
      openCheckpoint(checkpoint).then((reader) => reader.variables().map(({ name }) => name));
    const before = await stored(join(fixture, 'checkpoints', 'model_iter-12'));
    expect(await stored(prefix)).toEqual(expect.arrayContaining(before));
    const again = await withoutCode(false);
    expect(again.globalStep).toBe(18);
    const evaluation = await again.evaluate({ inputFn: batches });
    expect(evaluation.loss).toBeCloseTo(Number(loss), 5);
    await again.close();
  });
});

it('restores the optimizer of a directory written by 0.0.0: a round without random numbers matches', async () => {
  const estimator = await Elistimator.fromDisk({
    modelDir,
    modelFn,
    params: { units: 4, rate: 0 },
    sessionArgs,
    progress: false,
  });
  await estimator.setup(inputFns);
  const { accuracy, loss } = await estimator.train().validate();
  expect(accuracy).toBeCloseTo(expected.nextEvaluation.accuracy, 5);
  expect(loss).toBeCloseTo(expected.nextEvaluation.loss, 5);
  expectVariables(estimator.session.variables, expected.nextVariables);
  await estimator.close();
});

it('finds the best checkpoint of a directory written by 0.0.0 by its stored ranking', async () => {
  const estimator = await Elistimator.fromDisk({
    modelDir,
    sessionArgs,
    progress: false,
    fromBest: true,
  });
  expect(estimator.globalStep).toBe(12);
  await estimator.restoreCkpt(join(modelDir, 'checkpoints', 'model_iter-6'));
  expect(estimator.globalStep).toBe(6);
  await estimator.restoreBestCkpt();
  expect(estimator.globalStep).toBe(12);
  await estimator.close();
});

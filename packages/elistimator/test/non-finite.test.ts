// Training that diverges, with the default ports: files on disk and TensorBoard's logs.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, it } from 'vitest';
import {
  Elistimator,
  EvaluationSpec,
  getVariable,
  metrics,
  NonFiniteCheckpointError,
  NonFiniteLossError,
  readScalars,
  saveEveryNSteps,
  summary,
  TrainSpec,
} from '../src';

const root = mkdtempSync(join(tmpdir(), 'non-finite-'));
afterAll(() => rmSync(root, { recursive: true }));

const modelFn = (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
  const w = getVariable('w', { shape: [1, 1], initializer: () => tf.zeros([1, 1]) });
  const b = getVariable('b', { shape: [1], initializer: () => tf.zeros([1]) });
  const errors = features.x.matMul(w).add(b).sub(features.y);
  const loss = () => errors.square().mean() as tf.Scalar;
  summary.histogram('errors', errors);
  const count = metrics.mean({ values: tf.onesLike(features.y) });
  return [
    new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.01) }),
    new EvaluationSpec({ loss, metrics: { count } }),
    null,
  ] as const;
};

/** y = x + 2 for x = 1 to 24, as one batch. */
const points = () => {
  const x = [...Array(24).keys()].map((index) => [index + 1]);
  return { x, y: x.map(([value = 0]) => [value + 2]) };
};

const create = (name: string) => {
  const printed: string[] = [];
  const ignore = () => {};
  const progress = {
    begin: ignore,
    advance: () => false,
    show: ignore,
    end: ignore,
    message: (text: string) => void printed.push(text),
  };
  const modelDir = join(root, name);
  const sessionArgs = { backend: 'cpu', seed: 1 } as const;
  return { printed, estimator: new Elistimator({ modelFn, modelDir, sessionArgs, progress }) };
};

describe('training that diverges', () => {
  it('keeps its good checkpoints, and returns to the last one', async () => {
    const { estimator } = create('saves');
    await estimator.setup({
      trainInputFn: () => Array.from({ length: 100 }, points),
      saveWhen: saveEveryNSteps(5),
      trainSaverArgs: { maxToKeep: 2 },
    });
    await expect(estimator.train()).rejects.toThrow(NonFiniteLossError);
    expect([...estimator.checkpoints.keys()]).toEqual([30, 35]);
    await expect(estimator.saveCkpt()).rejects.toThrow(NonFiniteCheckpointError);
    await estimator.saveCkpt({ allowNonFinite: true });
    expect([...estimator.checkpoints.keys()]).toEqual(expect.arrayContaining([30, 35]));
    await estimator.restoreLatestCkpt();
    expect(estimator.globalStep).toBe(35);
    expect(Number.isFinite(estimator.session.variables.get('w')?.dataSync()[0])).toBe(true);
    await estimator.close();
    const listed = readFileSync(join(root, 'saves', 'checkpoints', 'checkpoint'), 'utf8');
    expect(listed).toContain('model_checkpoint_path: "model_iter-35"');
  });

  it('logs the losses, although a histogram of NaN can not be logged', async () => {
    const { estimator, printed } = create('logs');
    const nan = { x: [[1]], y: [[Number.NaN]] };
    await estimator.setup({
      trainInputFn: () => [points(), nan],
      validationInputFn: () => [nan],
      nanPolicy: 'warn',
    });
    const { loss, count } = await estimator.train().validate();
    expect([loss, count]).toEqual([Number.NaN, 1]);
    await estimator.close();
    const warnings = printed.filter((text) => text.startsWith('Warning'));
    expect(warnings).toEqual([
      expect.stringContaining('loss at global step 2'),
      expect.stringMatching(/summary "errors" of the train run was not written at global step 2/),
      expect.stringMatching(/summary "errors" of the validation run was not written/),
      expect.stringContaining('the loss of validate() at global step 2 is NaN'),
    ]);
    const scalars = await readScalars(join(root, 'logs', 'train'));
    const losses = scalars.get('loss')?.map(({ step, value }) => [step, value]);
    expect(losses).toEqual([
      [1, expect.closeTo(258.1667, 3)],
      [2, Number.NaN],
    ]);
  });
});

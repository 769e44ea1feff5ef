// Rounds of training and validation: order, logs, progress, cancellation, reproducibility.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Dataset, Estimator, EvaluationSpec, layers, OptionError, TrainSpec } from '../src';
import { createLineEstimator, lineInputFn, lineInputs, linePoints } from './line-model';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

describe('the training loop', () => {
  it('trains, validates and saves in rounds, and the loss decreases', async () => {
    const { estimator, ports } = createLineEstimator();
    await estimator.setup(lineInputs);
    const losses: number[] = [];
    for (let round = 0; round < 5; round++) {
      const { loss, error } = await estimator.train().validate();
      expect(error).toBeGreaterThan(0);
      losses.push(loss);
      expect(await estimator.saveCkpt()).toBe(`model_iter-${5 * (round + 1)}`);
    }
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
    expect(estimator.globalStep).toBe(25);
    expect([...estimator.checkpoints.keys()]).toEqual([5, 10, 15, 20, 25]);
    expect(ports.sinks.train.losses.map(({ step }) => step)).toEqual(
      Array.from({ length: 25 }, (_, i) => i + 1),
    );
    expect(ports.sinks.validation.points.map(({ tag, step }) => `${tag}@${step}`)).toEqual(
      [5, 10, 15, 20, 25].flatMap((step) => [`error@${step}`, `loss@${step}`]),
    );
  });

  it('logs the learning rate and the steps per second without being asked', async () => {
    const { estimator, ports } = createLineEstimator();
    await estimator.setup(lineInputs);
    await estimator.train();
    (estimator.session.optimizer as tf.SGDOptimizer).setLearningRate(0.025);
    await estimator.train();
    const pointsOf = (name: string) => ports.sinks.train.points.filter(({ tag }) => tag === name);
    const rates = pointsOf('learning_rate').map(({ step, value }) => [step, value]);
    expect(rates.slice(0, 2)).toEqual([
      [1, 0.1],
      [5, 0.1],
    ]);
    expect(rates.at(-1)).toEqual([10, 0.025]);
    expect(pointsOf('global_step/sec').every(({ value }) => value > 0)).toBe(true);
  });

  it('shows no total in the first round, and the length of the previous round afterwards', async () => {
    const { estimator, ports } = createLineEstimator();
    await estimator.setup(lineInputs);
    await estimator.train().validate();
    await estimator.train({ maxSteps: 2 });
    await estimator.train().validate();
    expect(ports.progress.log.filter((line) => line.startsWith('begin'))).toEqual([
      'begin Training (1) of ?',
      'begin Validation of ?',
      'begin Training (2) of 2',
      'begin Training (3) of 2',
      'begin Validation of 4',
    ]);
  });

  it('starts the dataset from its beginning after a round that maxSteps ended', async () => {
    const { estimator } = createLineEstimator();
    const seen: number[] = [];
    const trainInputFn = () =>
      Dataset.fromTensorSlices(linePoints(16))
        .batch(4)
        .map((batch) => {
          seen.push(batch.x.dataSync()[0] ?? Number.NaN);
          return { x: batch.x.clone(), y: batch.y.clone() };
        });
    await estimator.setup({ trainInputFn });
    await estimator.train({ maxSteps: 2 });
    await estimator.train({ maxSteps: 1 });
    expect(estimator.globalStep).toBe(3);
    expect(seen).toEqual([0, expect.closeTo(4 / 17), 0]);
  });

  it('calls the input function once per round, and trains on the batch that setup() looked at', async () => {
    const { estimator } = createLineEstimator();
    let calls = 0;
    const trainInputFn = function* () {
      calls += 1;
      for (let i = 0; i < 3; i++) yield { x: tf.ones([2, 1]), y: tf.ones([2, 1]) };
    };
    await estimator.setup({ trainInputFn });
    await estimator.train();
    await estimator.train();
    expect(estimator.globalStep).toBe(6);
    expect(calls).toBe(2);
  });

  it('accepts a tf.data.Dataset, and arrays of batches, whose tensors it does not dispose', async () => {
    const before = tf.memory().numTensors;
    const batches = [{ x: tf.ones([2, 1]), y: tf.ones([2, 1]) }];
    for (const trainInputFn of [
      () => tf.data.array([{ x: [1], y: [4] }]).batch(1),
      () => batches,
    ]) {
      const { estimator } = createLineEstimator();
      await estimator.setup({ trainInputFn });
      await estimator.train();
      await estimator.train();
      expect(estimator.globalStep).toBe(2);
      await estimator.close();
    }
    expect(batches[0]?.x.isDisposed).toBe(false);
    tf.dispose(batches);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('runs calls one at a time, in the order in which they are made', async () => {
    const { estimator } = createLineEstimator();
    const done: string[] = [];
    const record = (name: string) => () => {
      done.push(name);
    };
    await Promise.all([
      estimator.setup(lineInputs).then(record('setup')),
      estimator.train().then(record('train')),
      estimator.validate().then(record('validate')),
      estimator.saveCkpt().then(record('save')),
    ]);
    expect(done).toEqual(['setup', 'train', 'validate', 'save']);
    expect([...estimator.checkpoints.values()][0]?.metrics).toHaveProperty('error');
  });

  it('runs chained calls directly after their round, before later rounds', async () => {
    const { estimator } = createLineEstimator();
    await estimator.setup(lineInputs);
    const saves = [estimator.train().saveCkpt(), estimator.train().saveCkpt()];
    expect(await Promise.all(saves)).toEqual(['model_iter-5', 'model_iter-10']);
    const failing = estimator.train({ maxSteps: -1 });
    await expect(failing.validate()).rejects.toThrow(OptionError);
    await expect(failing).rejects.toThrow(OptionError);
    expect(estimator.globalStep).toBe(10);
  });

  it('allows an input function to predict, but not to train, which would deadlock', async () => {
    const { estimator } = createLineEstimator();
    await estimator.setup(lineInputs);
    const predicting = async function* () {
      const { line } = await estimator.predict({ x: [[1]] });
      yield { x: tf.ones([1, 1]), y: tf.tensor(line) };
    };
    expect((await estimator.evaluate({ inputFn: predicting })).loss).toBeCloseTo(0);
    const training = async function* () {
      await estimator.train();
      yield { x: [[1]], y: [[1]] };
    };
    await expect(estimator.evaluate({ inputFn: training })).rejects.toThrow(
      /train\(\) was called inside another call/,
    );
  });

  it('can be aborted during validation, even without a progress bar', async () => {
    const { estimator } = createLineEstimator();
    await estimator.setup({ ...lineInputs, validationInputFn: lineInputFn(20_000, 1) });
    const signal = AbortSignal.timeout(100);
    await expect(estimator.validate({ signal })).rejects.toThrow(/timeout/);
  });

  it('stops between two steps when aborted, and continues from there', async () => {
    const { estimator, ports } = createLineEstimator();
    await estimator.setup({ trainInputFn: lineInputFn(4000, 1) });
    const controller = new AbortController();
    ports.progress.always = true;
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await expect(estimator.train({ signal: controller.signal })).rejects.toThrow('enough');
    const { globalStep } = estimator;
    expect(globalStep).toBeGreaterThan(0);
    expect(globalStep).toBeLessThan(4000);
    expect(ports.sinks.train.losses).toHaveLength(globalStep);
    await estimator.train({ maxSteps: 3 });
    expect(estimator.globalStep).toBe(globalStep + 3);
    expect(ports.progress.log.at(-1)).toBe('end');
  });

  it('can be saved after it was aborted, as on Ctrl-C', async () => {
    const { estimator, ports } = createLineEstimator();
    await estimator.setup({ trainInputFn: lineInputFn(4000, 1) });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    await expect(estimator.train({ signal: controller.signal })).rejects.toThrow(/abort/);
    await estimator.saveCkpt();
    expect([...ports.store.snapshots.keys()]).toEqual([estimator.globalStep]);
    expect(estimator.globalStep).toBeGreaterThan(0);
    expect(estimator.globalStep).toBeLessThan(4000);
  });

  it('adds the penalties of regularizers to the training loss alone', async () => {
    const modelFn = (features: { x: tf.Tensor2D }) => {
      const y = layers.dense(features.x, {
        units: 1,
        useBias: false,
        kernelInitializer: 'ones',
        kernelRegularizer: tf.regularizers.l2({ l2: 0.5 }),
      });
      const loss = () => y.mean() as tf.Scalar;
      return [
        new TrainSpec({ loss, optimizer: () => tf.train.sgd(0) }),
        new EvaluationSpec({ loss, metrics: {} }),
        null,
      ] as const;
    };
    const ports = new MemoryPorts();
    const estimator = new Estimator({ modelFn }, ports);
    const inputFn = () => [{ x: [[3]] }];
    await estimator.setup({ trainInputFn: inputFn, validationInputFn: inputFn });
    const { loss } = await estimator.train().validate();
    expect([ports.losses[0], loss]).toEqual([3.5, 3]);
  });

  it('repeats its losses with the same seed, with dropout too', async () => {
    const train = async () => {
      const { estimator, ports } = createLineEstimator({ rate: 0.5 });
      await estimator.setup(lineInputs);
      await estimator.train();
      await estimator.train();
      return ports.losses;
    };
    expect(await train()).toEqual(await train());
  });

  it('weights the validation loss by examples, not by batches', async () => {
    const { estimator } = createLineEstimator();
    await estimator.setup(lineInputs);
    const { loss: inSixes } = await estimator.validate();
    const inputFn = lineInputFn(20, 20);
    const { loss: atOnce } = await estimator.evaluate({ inputFn });
    expect(inSixes).toBeCloseTo(atOnce, 5);
  });
});

// Losses and values that are NaN or infinite: where training stops, and what is saved.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Estimator,
  EvaluationSpec,
  type Execution,
  getVariable,
  NonFiniteCheckpointError,
  NonFiniteLossError,
  PredictSpec,
  type SaveTrigger,
  type SetupOptions,
  saveEveryNSteps,
  TrainSpec,
} from '../src';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

const line = (features: { x: tf.Tensor2D; y: tf.Tensor2D }, params: { rate?: number }) => {
  const w = getVariable('w', { shape: [1, 1], initializer: () => tf.zeros([1, 1]) });
  const b = getVariable('b', { shape: [1], initializer: () => tf.zeros([1]) });
  const prediction = features.x.matMul(w).add(b);
  const loss = () => tf.losses.meanSquaredError(features.y, prediction) as tf.Scalar;
  return [
    new TrainSpec({ loss, optimizer: () => tf.train.sgd(params.rate ?? 0.01) }),
    new EvaluationSpec({ loss, metrics: {} }),
    new PredictSpec({ output: { prediction } }),
  ] as const;
};

const modelFn = (
  features: { x: tf.Tensor2D; y: tf.Tensor2D },
  _: boolean,
  params: { rate?: number },
) => line(features, params);

/** y = x + 2 for x = 1 to 24 as one batch, in which SGD with a rate of 0.01 diverges. */
const points = (): { x: tf.Tensor; y: tf.Tensor } =>
  tf.tidy(() => {
    const x = tf.range(1, 25).reshape([24, 1]);
    return { x, y: x.add(2) };
  });

/** The batch a hundred times. The loss is infinite from step 37 on, `w` from step 75 on. */
const trainInputFn = async function* () {
  for (let i = 0; i < 100; i++) yield points();
};

const create = (
  options: Partial<SetupOptions> = {},
  { rate, execution }: { rate?: number; execution?: Execution } = {},
) => {
  const ports = new MemoryPorts();
  const estimator = new Estimator({ modelFn, params: { rate }, seed: 1, execution }, ports);
  const setup = () => estimator.setup({ trainInputFn, ...options } as SetupOptions<typeof modelFn>);
  return { estimator, ports, setup, steps: () => [...ports.store.snapshots.keys()] };
};

const failureOf = async (promise: PromiseLike<unknown>): Promise<Error> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it should have failed');
};

const warnings = (ports: MemoryPorts) =>
  ports.progress.log.filter((text) => text.startsWith('Warning'));

const badBatch = () => ({ x: tf.ones([1, 1]), y: tf.fill([1, 1], Number.NaN) });
const goodBatch = () => ({ x: tf.ones([1, 1]), y: tf.ones([1, 1]) });

describe('a run that diverges', () => {
  it.each(['eager', 'replay'] as const)(
    'ends before the first save after the loss, which keeps the good checkpoints, in %s',
    async (execution) => {
      const { estimator, ports, setup, steps } = create(
        { saveWhen: saveEveryNSteps(5) },
        { execution },
      );
      await setup();
      const error = await failureOf(estimator.train());
      expect(error).toBeInstanceOf(NonFiniteLossError);
      expect(error.message).toMatch(/^loss at global step 37: expected a finite number, got Inf/);
      expect(error.message).toContain('noticed after global step 40. Call restoreLatestCkpt()');
      expect(estimator.globalStep).toBe(40);
      expect(steps()).toEqual([5, 10, 15, 20, 25, 30, 35]);
      expect(ports.losses).toHaveLength(40);
      await estimator.restoreLatestCkpt();
      expect(estimator.globalStep).toBe(35);
      await estimator.close();
    },
  );

  it.each([
    ['not a terminal', false],
    ['a terminal', true],
  ])('takes at most 15 further steps when the output is %s', async (_, always) => {
    const { estimator, ports, setup, steps } = create();
    ports.progress.always = always;
    await setup();
    const error = await failureOf(estimator.train());
    expect(error.message).toContain('loss at global step 37');
    // Step 37 is the fifth of the group that step 33 starts.
    expect(estimator.globalStep).toBe(always ? 37 : 48);
    expect(error.message).toContain('No finite checkpoint is stored');
    expect(error.message).not.toContain('restoreLatestCkpt');
    expect(steps()).toEqual([]);
  });

  it.each([
    [
      'a custom trigger',
      { saveWhen: { shouldSave: ({ globalStep }) => globalStep % 10 === 9 } satisfies SaveTrigger },
      39,
      [9, 19, 29],
    ],
    [
      'a save in the background',
      { saveWhen: saveEveryNSteps(7), saveInBackground: true },
      42,
      [7, 14, 21, 28, 35],
    ],
  ] as const)('is not saved by %s', async (_, options, lastStep, saved) => {
    const { estimator, setup, steps } = create(options);
    await setup();
    expect(await failureOf(estimator.train())).toBeInstanceOf(NonFiniteLossError);
    await failureOf(estimator.saveCkpt());
    expect(estimator.globalStep).toBe(lastStep);
    expect(steps()).toEqual(saved);
  });

  it.each([
    ['that waits for it', true],
    ['that does not wait, and ignores the error', false],
  ])('is not saved by an input function %s', async (_, waits) => {
    let save: () => Promise<unknown> = async () => {};
    const input = async function* () {
      for (let i = 0; i < 100; i++) {
        if (i > 0 && i % 10 === 0) {
          if (waits) await save();
          else save().catch(() => {});
        }
        yield points();
      }
    };
    const { estimator, setup, steps } = create({ trainInputFn: input });
    await setup();
    save = () => estimator.saveCkpt();
    expect(await failureOf(estimator.train())).toBeInstanceOf(NonFiniteLossError);
    expect(estimator.globalStep).toBeLessThanOrEqual(48);
    expect(steps()).toHaveLength(3);
    expect(Math.max(...steps())).toBeLessThan(37);
  });

  it.each(['a trigger', 'a reporter'])('is not saved by %s that calls saveCkpt()', async (by) => {
    const saves: Promise<unknown>[] = [];
    const save = (globalStep: number) => {
      if (globalStep % 10 === 0) saves.push(estimator.saveCkpt().catch((error: Error) => error));
      return false;
    };
    const saveWhen: SaveTrigger = { shouldSave: ({ globalStep }) => save(globalStep) };
    const { estimator, ports, setup, steps } = create(by === 'a trigger' ? { saveWhen } : {});
    if (by === 'a reporter') ports.progress.advance = () => save(estimator.globalStep);
    await setup();
    expect(await failureOf(estimator.train())).toBeInstanceOf(NonFiniteLossError);
    expect((await Promise.all(saves)).at(-1)).toBeInstanceOf(NonFiniteLossError);
    expect(Math.max(...steps())).toBeLessThan(37);
  });

  it('is saved afterwards only with allowNonFinite, and marked', async () => {
    const { estimator, ports, setup, steps } = create({ saveWhen: saveEveryNSteps(30) });
    await setup();
    await failureOf(estimator.train());
    const error = await failureOf(estimator.saveCkpt());
    expect(error).toBeInstanceOf(NonFiniteCheckpointError);
    expect(error.message).toMatch(/a loss of Infinity at global step \d+\. To save it regardless/);
    expect(error.message).toContain('saveCkpt({ allowNonFinite: true })');
    expect(steps()).toEqual([30]);
    const { globalStep } = estimator;
    await estimator.saveCkpt({ allowNonFinite: true });
    expect(ports.store.snapshots.get(globalStep)?.isNonFinite).toBe(true);
    expect(estimator.checkpoints.get(globalStep)?.isNonFinite).toBe(true);
    await estimator.restoreLatestCkpt();
    expect(estimator.globalStep).toBe(30);
    await estimator.saveCkpt();
    expect(ports.store.snapshots.get(30)?.isNonFinite).toBe(false);
  });

  it('is saved by the chain of train() by the same rule', async () => {
    const { estimator, setup, steps } = create({ nanPolicy: 'warn' });
    await setup();
    await expect(estimator.train().saveCkpt()).rejects.toThrow(/a value of NaN in "w"/);
    expect(steps()).toEqual([]);
    await estimator.train({ maxSteps: 1 }).saveCkpt({ allowNonFinite: true });
    expect(steps()).toEqual([101]);
    const wrong = { allowNonFinit: true } as object;
    await expect(estimator.saveCkpt(wrong)).rejects.toThrow(/allowNonFinite/);
  });

  it('reports the loss when something else ends the round first', async () => {
    const controller = new AbortController();
    const input = async function* () {
      for (let i = 0; i < 40; i++) yield points();
      controller.abort(new Error('enough'));
      yield points();
    };
    const { estimator, ports, setup } = create({ trainInputFn: input });
    await setup();
    const training = estimator.train({ signal: controller.signal });
    await expect(training).rejects.toThrow('enough');
    expect(warnings(ports)).toEqual([expect.stringContaining('loss at global step 37')]);
  });
});

describe("nanPolicy: 'warn'", () => {
  it('saves nothing automatically while the model is not finite, and says so once', async () => {
    const { estimator, ports, setup, steps } = create({
      saveWhen: saveEveryNSteps(5),
      nanPolicy: 'warn',
    });
    await setup();
    await estimator.train();
    expect(estimator.globalStep).toBe(100);
    expect(steps()).toEqual([5, 10, 15, 20, 25, 30, 35]);
    const [skipped, loss, ...others] = warnings(ports);
    expect(skipped).toMatch(/automatic save was skipped.*step 40.*a loss of Infinity at global/);
    expect(loss).toContain('loss at global step 37');
    expect(others).toEqual([]);
  });

  it('resumes saving once the model is finite again', async () => {
    const input = async function* () {
      for (let i = 1; i <= 12; i++) {
        yield i === 4 ? badBatch() : goodBatch();
        const w = estimator.session.variables.get('w');
        // Step 4 has made all variables NaN.
        if (i === 8)
          for (const [name] of estimator.session.variables) {
            const { shape } = estimator.session.variables.get(name) ?? w ?? tf.scalar(0);
            tf.tidy(() => estimator.session.assign(name, tf.zeros(shape)));
          }
      }
    };
    const shouldSave = ({ globalStep }: { globalStep: number }) => globalStep % 2 === 0;
    const { estimator, ports, setup, steps } = create({
      trainInputFn: input,
      saveWhen: { shouldSave },
      nanPolicy: 'warn',
    });
    await setup();
    await estimator.train();
    expect(steps()).toEqual([2, 10, 12]);
    expect(warnings(ports).filter((text) => text.includes('skipped'))).toHaveLength(1);
  });

  it('skips a model whose values are not finite, even if its loss is', async () => {
    const spare = (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
      getVariable('spare', { shape: [], initializer: () => tf.scalar(0), trainable: false });
      return line(features, { rate: 0 });
    };
    const ports = new MemoryPorts();
    const estimator = new Estimator({ modelFn: spare }, ports);
    const assign = (value: number) =>
      tf.tidy(() => estimator.session.assign('spare', tf.scalar(value)));
    const shouldSave = ({ globalStep }: { globalStep: number }) => {
      if (globalStep === 2) assign(Number.NaN);
      if (globalStep === 6) assign(1);
      return true;
    };
    await estimator.setup({ trainInputFn, saveWhen: { shouldSave }, nanPolicy: 'warn' });
    await estimator.train({ maxSteps: 7 });
    expect([...ports.store.snapshots.keys()]).toEqual([1, 6, 7]);
    expect(warnings(ports)).toEqual([expect.stringMatching(/skipped.*step 2.*NaN in "spare"/)]);
    assign(Number.NaN);
    await expect(estimator.saveCkpt()).rejects.toMatchObject({ variable: 'spare', globalStep: 7 });
  });
});

describe('values that are not finite', () => {
  it('count in the slots of an optimizer too', async () => {
    const momentum = (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
      const [train, ...rest] = line(features, {});
      const optimizer = () => tf.train.momentum(0.01, 0.9);
      return [new TrainSpec({ loss: train.loss, optimizer }), ...rest] as const;
    };
    const ports = new MemoryPorts();
    const estimator = new Estimator({ modelFn: momentum }, ports);
    await estimator.setup({ trainInputFn });
    await estimator.train({ maxSteps: 2 });
    const { optimizer } = estimator.session;
    const { accumulations } = optimizer as unknown as {
      accumulations: { variable: tf.Variable }[];
    };
    tf.tidy(() => accumulations[0]?.variable.assign(tf.fill([1, 1], Number.NEGATIVE_INFINITY)));
    await expect(estimator.saveCkpt()).rejects.toThrow(/a value of -Infinity in "w\/Momentum"/);
  });

  it('may be infinite in variables that training does not change, but not NaN', async () => {
    const masked = (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
      getVariable('mask', {
        shape: [2],
        initializer: () => tf.tensor1d([0, Number.NEGATIVE_INFINITY]),
        trainable: false,
      });
      return line(features, {});
    };
    const ports = new MemoryPorts();
    const estimator = new Estimator({ modelFn: masked }, ports);
    await estimator.setup({ trainInputFn });
    await estimator.train({ maxSteps: 1 }).saveCkpt();
    expect(ports.store.snapshots.get(1)?.isNonFinite).toBe(false);
    tf.tidy(() => estimator.session.assign('mask', tf.tensor1d([0, Number.NaN])));
    await expect(estimator.saveCkpt()).rejects.toThrow(/a value of NaN in "mask"/);
  });

  it('are refused before the first step, and after a failed input function', async () => {
    const { estimator, setup } = create();
    await setup();
    tf.tidy(() => estimator.session.assign('b', tf.fill([1], Number.NaN)));
    await expect(estimator.saveCkpt()).rejects.toThrow(/a value of NaN in "b"/);
    tf.tidy(() => estimator.session.assign('b', tf.zeros([1])));
    expect(await estimator.saveCkpt()).toBe('model_iter-0');
  });
});

describe('the training loop on data that makes no loss', () => {
  /** The mean squared error of y for predictions of 0. */
  const validationLoss = async (batches: readonly number[][]) => {
    const { estimator, ports, setup } = create({}, { rate: 0 });
    await setup();
    const inputFn = () =>
      batches.map((y) => ({
        x: tf.zeros([y.length, 1]),
        y: tf.tensor2d(y, [y.length, 1]),
      }));
    const loss = await Promise.resolve(estimator.evaluate({ inputFn })).then(
      (result) => result.loss,
      (error: Error) => error.message,
    );
    return { loss, warnings: warnings(ports) };
  };

  it('leaves empty batches out of a validation', async () => {
    const { loss, warnings: printed } = await validationLoss([[1, 2], [], [3]]);
    // (1 + 4 + 9) / 3
    expect(loss).toBeCloseTo(4.667, 3);
    expect(printed).toEqual([]);
    expect((await validationLoss([[], [1, 2], [3]])).loss).toBeCloseTo(4.667, 3);
    const empty = await validationLoss([[], []]);
    expect(empty.loss).toMatch(/expected at least one example, got only batches without any \(2\)/);
  });

  it('skips empty batches in training, and says so', async () => {
    const input = async function* () {
      yield points();
      for (let i = 0; i < 2; i++) yield { x: tf.zeros([0, 1]), y: tf.zeros([0, 1]) };
      yield points();
    };
    const { estimator, ports, setup } = create({ trainInputFn: input });
    await setup();
    await estimator.train();
    expect(estimator.globalStep).toBe(2);
    expect(ports.losses.every(Number.isFinite)).toBe(true);
    expect(warnings(ports)).toEqual([
      'Warning: trainInputFn yielded a batch without examples after step 1 of the round. Such batches are skipped.',
    ]);
  });

  it('never returns a NaN validation loss without a message', async () => {
    const { loss, warnings: printed } = await validationLoss([[1], [], [Number.NaN]]);
    expect(loss).toBeNaN();
    expect(printed).toEqual([
      'Warning: the loss of evaluate() at global step 0 is NaN, because the loss of batch 2 is NaN.',
    ]);
  });

  it('gives a batch whose weights are all 0 the loss NaN, as tf.losses does', async () => {
    const weighted = (features: { x: tf.Tensor2D; y: tf.Tensor2D; weight: tf.Tensor2D }) => {
      const [train] = line(features, {});
      const loss = () =>
        tf.losses.meanSquaredError(
          features.y,
          tf.zerosLike(features.y),
          features.weight,
        ) as tf.Scalar;
      return [train, new EvaluationSpec({ loss, metrics: {} }), null] as const;
    };
    const ports = new MemoryPorts();
    const estimator = new Estimator({ modelFn: weighted }, ports);
    const batch = (y: number, weight: number) => ({
      x: tf.ones([1, 1]),
      y: tf.fill([1, 1], y),
      weight: tf.fill([1, 1], weight),
    });
    const inputFn = (weights: readonly number[]) => () => weights.map((w, i) => batch(i + 1, w));
    await estimator.setup({ trainInputFn: inputFn([1]) });
    expect((await estimator.evaluate({ inputFn: inputFn([1, 0.5]) })).loss).toBe(1.5);
    expect(warnings(ports)).toEqual([]);
    expect((await estimator.evaluate({ inputFn: inputFn([1, 0]) })).loss).toBeNaN();
    expect(warnings(ports)).toHaveLength(1);
  });

  it.each([
    ['in tf.losses end the round', false],
    ['leave the model alone if the loss divides by a maximum', true],
  ])('weights that are all 0 %s', async (_, isSafe) => {
    const weighted = (features: { x: tf.Tensor2D; weight: tf.Tensor2D }) => {
      const w = getVariable('w', { shape: [1, 1], initializer: () => tf.ones([1, 1]) });
      const { weight } = features;
      const errors = features.x.matMul(w).square();
      const loss = () =>
        isSafe
          ? (errors.mul(weight).sum().div(tf.maximum(weight.sum(), 1e-7)) as tf.Scalar)
          : (tf.losses.computeWeightedLoss(errors, weight) as tf.Scalar);
      return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null] as const;
    };
    const estimator = new Estimator({ modelFn: weighted }, new MemoryPorts());
    const inputFn = () =>
      [1, 0, 1].map((weight) => ({ x: tf.ones([2, 1]), weight: tf.fill([2, 1], weight) }));
    await estimator.setup({ trainInputFn: inputFn });
    const training = Promise.resolve(estimator.train());
    if (!isSafe) await expect(training).rejects.toThrow('loss at global step 2');
    else await training;
    const w = estimator.session.variables.get('w')?.dataSync()[0];
    // Each step multiplies w by 1 - 0.1 * 2.
    expect(w).toEqual(isSafe ? expect.closeTo(0.64) : Number.NaN);
  });

  it('names a trigger that returns a promise, which would never save', async () => {
    const shouldSave = async () => true;
    const { estimator, setup } = create({ saveWhen: { shouldSave } as unknown as SaveTrigger });
    await setup();
    await expect(estimator.train({ maxSteps: 1 })).rejects.toThrow(/true or false, got a promise/);
  });

  it('rejects training data without any example', async () => {
    let isFirst = true;
    const input = async function* () {
      yield isFirst ? points() : { x: tf.zeros([0, 1]), y: tf.zeros([0, 1]) };
      isFirst = false;
    };
    const { estimator, setup } = create({ trainInputFn: input });
    await setup();
    await estimator.train();
    await expect(estimator.train()).rejects.toThrow(/trainInputFn.*at least one example/);
  });
});

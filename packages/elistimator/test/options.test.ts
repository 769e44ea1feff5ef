// Options are checked at run time: unknown names are rejected with a suggestion.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Dataset,
  defineModelFn,
  Elistimator,
  type ElistimatorOptions,
  type FromDiskOptions,
  layers,
  PredictSpec,
  type SaverArgs,
  TrainSpec,
} from '../src';
import { stripesModelFn, trainInputFn, validationInputFn } from './digits';

const root = mkdtempSync(join(tmpdir(), 'options-'));
afterAll(() => rmSync(root, { recursive: true }));

type Fn = typeof stripesModelFn;

const options = {
  modelFn: stripesModelFn,
  modelDir: join(root, 'model'),
  params: { units: 4 },
  sessionArgs: { backend: 'cpu', seed: 1 },
  progress: false,
} as const;

/** Options that the compiler would reject, as plain JavaScript can pass them. */
const unchecked = <T>(misspelt: unknown): T => misspelt as T;

let estimator: Elistimator<Fn>;
let prefix: string;
beforeAll(async () => {
  estimator = new Elistimator(options);
  await estimator.setup({ trainInputFn, validationInputFn });
  prefix = await estimator.train({ maxSteps: 1 }).saveCkpt();
});
afterAll(() => estimator.close());

describe('an unknown option is rejected', () => {
  it('by the constructor', () => {
    const create = (more: object) => () =>
      new Elistimator(unchecked<ElistimatorOptions<Fn>>({ ...options, ...more }));
    expect(create({ modeldir: root })).toThrow(/Elistimator.*"modeldir".*Did you mean "modelDir"/);
    expect(create({ session: {} })).toThrow(/"session".*Did you mean "sessionArgs"/);
    expect(() => new Elistimator(unchecked<ElistimatorOptions<Fn>>(stripesModelFn))).toThrow(
      /options of Elistimator.*an object/,
    );
  });

  it.each([
    [{ backends: 'cpu' }, 'backend'],
    [{ sead: 1 }, 'seed'],
    [{ exection: 'replay' }, 'execution'],
    [{ gpu: { memoryfraction: 0.5 } }, 'memoryFraction'],
  ])('in sessionArgs: %j', async (sessionArgs, name) => {
    const setup = async () => {
      const created = new Elistimator(
        unchecked<ElistimatorOptions<Fn>>({ ...options, modelDir: undefined, sessionArgs }),
      );
      try {
        await created.setup({ trainInputFn });
      } finally {
        await created.close();
        rmSync(created.modelDir, { recursive: true });
      }
    };
    await expect(setup()).rejects.toThrow(new RegExp(`Did you mean "${name}"`));
  });

  it('by setup()', async () => {
    const setup = (more: object) =>
      estimator.setup(unchecked({ trainInputFn, validationInputFn, ...more }));
    await expect(setup({ trainSaverArg: { maxToKeep: 3 } })).rejects.toThrow(
      /setup\(\).*"trainSaverArg".*Did you mean "trainSaverArgs"/,
    );
    await expect(setup({ savewhen: {} })).rejects.toThrow(/Did you mean "saveWhen"/);
  });

  it.each([
    [{ maxToKep: 3 }, 'maxToKeep'],
    [{ maxtokeep: 3 }, 'maxToKeep'],
    [{ best: { metrics: 'loss', mode: 'min' } }, 'metric'],
  ])('in trainSaverArgs: %j', async (trainSaverArgs, name) => {
    const setup = estimator.setup({
      trainInputFn,
      validationInputFn,
      trainSaverArgs: unchecked<SaverArgs>(trainSaverArgs),
    });
    await expect(setup).rejects.toThrow(new RegExp(`"?${name}"?`));
    await estimator.train({ maxSteps: 1 });
  });

  it('by train(), before a step is run', async () => {
    const { globalStep } = estimator;
    const train = async (misspelt: unknown) => estimator.train(unchecked(misspelt));
    await expect(train(5)).rejects.toThrow(/options of train\(\).*an object, got 5.*"maxSteps"/);
    await expect(train({ maxsteps: 2 })).rejects.toThrow(
      /train\(\).*"maxsteps".*Did you mean "maxSteps"/,
    );
    await expect(train([])).rejects.toThrow(/an object, got an array/);
    expect(estimator.globalStep).toBe(globalStep);
  });

  it('by validate(), also in a chain', async () => {
    const misspelt = unchecked<object>({ signals: AbortSignal.timeout(10_000) });
    await expect(estimator.validate(misspelt)).rejects.toThrow(/Did you mean "signal"/);
    await expect(estimator.train({ maxSteps: 1 }).validate(misspelt)).rejects.toThrow(
      /Did you mean "signal"/,
    );
  });

  it('by evaluate()', async () => {
    const evaluate = (more: object) =>
      estimator.evaluate(unchecked({ inputFn: validationInputFn, ...more }));
    await expect(evaluate({ istraining: true })).rejects.toThrow(
      /evaluate\(\).*"istraining".*Did you mean "isTraining"/,
    );
  });

  it('by predict(), in each of its forms', async () => {
    const images = { data: new Float32Array(16), shape: [1, 16] };
    const predict = async (...args: unknown[]) =>
      (estimator.predict as (...all: unknown[]) => unknown)(...args);
    await expect(predict({ images }, { form: 'typed' })).rejects.toThrow(/predict\(\).*"form"/);
    await expect(predict({ images }, { istraining: true })).rejects.toThrow(
      /Did you mean "isTraining"/,
    );
    await expect(predict(images, { istraining: true })).rejects.toThrow(
      /Did you mean "isTraining"/,
    );
    await expect(predict({ inputFn: validationInputFn }, { istraining: true })).rejects.toThrow(
      /Did you mean "isTraining"/,
    );
  });

  it('by the methods that restore', async () => {
    const misspelt = unchecked<object>({ keepHyperparameter: true });
    const suggestion = /"keepHyperparameter".*Did you mean "keepHyperparameters"/;
    await expect(estimator.restoreCkpt(prefix, misspelt)).rejects.toThrow(suggestion);
    await expect(estimator.restoreLatestCkpt(misspelt)).rejects.toThrow(suggestion);
    await expect(estimator.restoreBestCkpt(misspelt)).rejects.toThrow(suggestion);
    await expect(
      estimator.restoreLatestCkpt(unchecked<object>({ fallBack: true })),
    ).rejects.toThrow(/restoreLatestCkpt\(\).*Did you mean "fallback"/);
    // A single checkpoint has nothing to fall back to.
    await expect(
      estimator.restoreCkpt(prefix, unchecked<object>({ fallback: true })),
    ).rejects.toThrow(/restoreCkpt\(\).*"fallback"/);
  });

  it('by fromDisk()', async () => {
    const { modelDir } = options;
    const from = (more: object) =>
      Elistimator.fromDisk(unchecked<FromDiskOptions<Fn>>({ modelDir, progress: false, ...more }));
    await expect(from({ frombest: true })).rejects.toThrow(
      /fromDisk\(\).*"frombest".*Did you mean "fromBest"/,
    );
    await expect(from({ modeldir: modelDir })).rejects.toThrow(/Did you mean "modelDir"/);
  });
});

describe.each(['as', 'inputFn'])('a feature named %s', (name) => {
  type Inputs = Record<string, tf.Tensor2D>;
  const modelFn = defineModelFn((features: Inputs) => {
    const feature = features[name] as tf.Tensor2D;
    const sum = layers.dense(feature, { units: 1, kernelInitializer: 'ones' });
    return [
      new TrainSpec({ loss: sum.mean(), optimizer: () => tf.train.sgd(0.1) }),
      null,
      new PredictSpec({ output: { sum } }),
    ];
  });

  it('is not mistaken for an option of predict()', async () => {
    const named = new Elistimator({ modelFn, sessionArgs: { backend: 'cpu' }, progress: false });
    const data = { [name]: [[1, 2]] };
    const inputFn = () => Dataset.fromTensorSlices(data).batch(1);
    await named.setup({ trainInputFn: inputFn });
    const tensor = tf.tensor2d([[1, 2]]);
    const expected = { sum: [[3]] };
    expect(await named.predict({ [name]: tensor })).toEqual(expected);
    expect(await named.predict({ [name]: [[1, 2]] })).toEqual(expected);
    const typed = { data: Float32Array.of(1, 2), shape: [1, 2] };
    expect(await named.predict({ [name]: typed })).toEqual(expected);
    expect(await named.predict(tensor)).toEqual(expected);
    const { sum } = await named.predict({ [name]: tensor }, { as: 'typed' });
    expect(sum).toMatchObject({ data: Float32Array.of(3), shape: [1, 1] });
    const batches: unknown[] = [];
    for await (const batch of named.predict({ inputFn })) batches.push(batch);
    expect(batches).toEqual([expected]);
    tensor.dispose();
    await named.close();
    rmSync(named.modelDir, { recursive: true });
  });
});

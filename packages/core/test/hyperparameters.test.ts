// Learning rate and other hyperparameters: inputs of each step, saved and restored with checkpoints.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Estimator, type Execution, OptionError } from '../src';
import { createLineEstimator, lineInputs, lineModelFn } from './line-model';
import { MemoryPorts, MemoryStore } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

const create = (optimizer: () => tf.Optimizer, execution: Execution, ports = new MemoryPorts()) =>
  createLineEstimator({ optimizer }, ports, execution);

/** Trains steps `from + 1` to `to`, halving the learning rate after every second step. */
const trainOn = async (estimator: Estimator<typeof lineModelFn>, from: number, to: number) => {
  for (let step = from; step < to; step++) {
    await estimator.train({ maxSteps: 1 });
    if (step % 2 === 1) estimator.learningRate = (estimator.learningRate ?? 0) / 2;
  }
};

const ratesOf = (...all: MemoryPorts[]) =>
  all.flatMap(({ sinks }) =>
    sinks.train.points.filter(({ tag }) => tag === 'learning_rate').map(({ value }) => value),
  );

describe.each(['eager', 'replay'] as const)('the learning rate in execution %s', (execution) => {
  const adam = () => tf.train.adam(0.1);

  it.each([
    ['with the model function', lineModelFn],
    ['without the model function', null],
  ])(
    'is restored by fromDisk() %s, so that training continues as if it had never stopped',
    async (_, modelFn) => {
      const unbroken = create(adam, execution);
      await unbroken.estimator.setup(lineInputs);
      await trainOn(unbroken.estimator, 0, 6);
      await unbroken.estimator.close();
      expect(ratesOf(unbroken.ports)).toEqual([0.1, 0.1, 0.05, 0.05, 0.025, 0.025]);

      const store = new MemoryStore();
      const first = create(adam, execution, new MemoryPorts(store));
      await first.estimator.setup(lineInputs);
      await trainOn(first.estimator, 0, 4);
      await first.estimator.saveCkpt();
      await first.estimator.close();
      const ports = new MemoryPorts(store);
      const params = { optimizer: adam };
      const second = new Estimator({ modelFn, params, execution }, ports);
      await second.recover();
      expect(second.learningRate).toBe(0.025);
      expect(second.hyperparameters).toMatchObject({ learningRate: 0.025, beta1: 0.9 });
      await second.setup(lineInputs);
      await trainOn(second, 4, 6);
      await second.close();
      expect(ratesOf(first.ports, ports)).toEqual(ratesOf(unbroken.ports));
      const losses = [...first.ports.losses, ...ports.losses];
      expect(losses).toEqual(unbroken.ports.losses);
    },
  );

  it('is restored by restoreCkpt(), unless keepHyperparameters is set', async () => {
    const { estimator } = create(adam, execution);
    await estimator.setup(lineInputs);
    await trainOn(estimator, 0, 2);
    const early = await estimator.saveCkpt();
    await trainOn(estimator, 2, 4);
    const late = await estimator.saveCkpt();
    await estimator.restoreCkpt(early);
    expect(estimator.learningRate).toBe(0.05);
    await estimator.restoreCkpt(late);
    expect(estimator.learningRate).toBe(0.025);
    estimator.learningRate = 1;
    await estimator.restoreCkpt(early, { keepHyperparameters: true });
    expect(estimator.learningRate).toBe(1);
    await estimator.restoreLatestCkpt();
    expect(estimator.learningRate).toBe(0.025);
    await estimator.close();
  });

  it('is that of the model function until a checkpoint is restored', async () => {
    const store = new MemoryStore();
    const first = create(adam, execution, new MemoryPorts(store));
    await first.estimator.setup(lineInputs);
    first.estimator.setHyperparameters({ learningRate: 0.3, beta1: 0.5 });
    await first.estimator.train().saveCkpt();
    await first.estimator.close();
    for (const keepHyperparameters of [false, true]) {
      const again = create(() => tf.train.adam(0.7), execution, new MemoryPorts(store));
      await again.estimator.recover({ keepHyperparameters });
      const { learningRate, beta1 } = again.estimator.hyperparameters;
      expect([learningRate, beta1]).toEqual(keepHyperparameters ? [0.7, 0.9] : [0.3, 0.5]);
      await again.estimator.close();
    }
  });
});

describe('hyperparameters', () => {
  // Not rho: tfjs's Adadelta divides by equal accumulators, so that neither rho nor epsilon matters.
  const changes = [
    ['rmsprop decay', () => tf.train.rmsprop(0.05, 0.9), { decay: 0.5 }],
    ['momentum', () => tf.train.momentum(0.05, 0.9), { momentum: 0.2 }],
    ['adam betas', () => tf.train.adam(0.05), { beta1: 0.5, beta2: 0.6, epsilon: 1e-3 }],
    ['adamax decay', () => tf.train.adamax(0.05), { decay: 0.7, beta2: 0.4 }],
  ] as const;

  it.each(changes)(
    'that change during training have the same effect in each execution: %s',
    async (...of) => {
      const [, optimizer, change] = of;
      const trained = async (execution: Execution) => {
        const { estimator, ports } = create(optimizer, execution);
        await estimator.setup(lineInputs);
        await estimator.train({ maxSteps: 2 });
        const unchanged = estimator.hyperparameters;
        estimator.setHyperparameters(change);
        expect(estimator.hyperparameters).toEqual({ ...unchanged, ...change });
        await estimator.train({ maxSteps: 3 });
        const file = await estimator.saveCkpt();
        estimator.setHyperparameters(unchanged);
        await estimator.restoreCkpt(file);
        expect(estimator.hyperparameters).toEqual({ ...unchanged, ...change });
        await estimator.train({ maxSteps: 1 });
        const values = [...estimator.session.variables.values()].map((v) => v.arraySync());
        await estimator.close();
        return { values, losses: ports.losses };
      };
      const eager = await trained('eager');
      expect(await trained('replay')).toEqual(eager);
      const { estimator, ports } = create(optimizer, 'eager');
      await estimator.setup(lineInputs);
      await estimator.train({ maxSteps: 2 });
      await estimator.train({ maxSteps: 3 });
      await estimator.close();
      expect(ports.losses.slice(0, 3)).toEqual(eager.losses.slice(0, 3));
      expect(ports.losses.at(-1)).not.toBe(eager.losses.at(-2));
    },
  );

  it('never cause a new trace when they change', async () => {
    const { estimator } = create(() => tf.train.adam(0.1), 'replay');
    await estimator.setup(lineInputs);
    const { traced } = estimator.graph;
    await trainOn(estimator, 0, 6);
    estimator.setHyperparameters({ beta1: 0.5, beta2: 0.5, epsilon: 1e-3 });
    await estimator.train({ maxSteps: 1 });
    // A new trace would be another graph.
    expect(estimator.graph.traced).toBe(traced);
    await estimator.close();
  });

  it('take effect within a round, even if set on the tfjs optimizer itself', async () => {
    const run = async (execution: Execution, set: (e: Estimator<typeof lineModelFn>) => void) => {
      const ports = new MemoryPorts();
      const estimator = create(() => tf.train.sgd(0.1), execution, ports).estimator;
      const saveWhen = {
        shouldSave: ({ globalStep }: { readonly globalStep: number }) => {
          if (globalStep === 2) set(estimator);
          return false;
        },
      };
      await estimator.setup({ ...lineInputs, saveWhen });
      await estimator.train();
      await estimator.close();
      expect(ratesOf(ports)).toEqual([0.1, 0.01, 0.01]);
      return ports.losses;
    };
    const eager = await run('eager', (estimator) => {
      estimator.learningRate = 0.01;
    });
    const replay = await run('replay', (estimator) => {
      estimator.learningRate = 0.01;
    });
    const tfjs = await run('replay', ({ session: { optimizer } }) => {
      (optimizer as tf.SGDOptimizer).setLearningRate(0.01);
    });
    expect(replay).toEqual(eager);
    expect(tfjs).toEqual(eager);
  });

  it('are all rejected if one is unknown or not finite', async () => {
    const { estimator } = create(() => tf.train.momentum(0.1, 0.9), 'eager');
    expect(estimator.hyperparameters).toEqual({});
    expect(estimator.learningRate).toBeUndefined();
    expect(() => estimator.setHyperparameters({ learningRate: 1 })).toThrow(/Must call setup/);
    await estimator.setup(lineInputs);
    const before = estimator.hyperparameters;
    const setting = (changes: object) => () => estimator.setHyperparameters(changes);
    expect(setting({ learningRate: 0.5, beta1: 0.5 })).toThrow(OptionError);
    expect(setting({ learningRate: 0.5, momentun: 0.5 })).toThrow(/Did you mean "momentum"/);
    expect(setting({ momentum: 0.5, learningRate: Number.NaN })).toThrow(
      /a finite number, got NaN/,
    );
    expect(() => {
      estimator.learningRate = '0.1' as never;
    }).toThrow(/learningRate.*a finite number, got 0.1/);
    expect(estimator.hyperparameters).toEqual(before);
    await estimator.close();
  });

  it('are not restored from an optimizer of another kind', async () => {
    const store = new MemoryStore();
    const first = create(() => tf.train.adam(0.1), 'eager', new MemoryPorts(store));
    await first.estimator.setup(lineInputs);
    await first.estimator.train().saveCkpt();
    await first.estimator.close();
    const second = create(() => tf.train.momentum(0.2, 0.9), 'eager', new MemoryPorts(store));
    await second.estimator.recover();
    expect(second.estimator.hyperparameters).toEqual({ learningRate: 0.2, momentum: 0.9 });
    await second.estimator.close();
  });
});

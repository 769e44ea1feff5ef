// Executors through the port alone, and the learning rate as an input of every execution.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Dataset,
  defineModelFn,
  Estimator,
  type Execution,
  getVariable,
  layers,
  OptionError,
  type StepContext,
  type StepExecutor,
  type StepExecutorFactory,
  TrainSpec,
} from '../src';
import { lineInputFn, lineModelFn } from './line-model';
import { MemoryPorts, MemoryStore } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

const inputs = { trainInputFn: lineInputFn(), validationInputFn: lineInputFn(20, 6) };

const make = (
  optimizer: () => tf.Optimizer,
  execution: Execution,
  ports = new MemoryPorts(),
  rate = 0,
) => ({
  ports,
  estimator: new Estimator(
    { modelFn: lineModelFn, params: { optimizer, rate }, seed: 7, execution },
    ports,
  ),
});

const lossesOf = (ports: MemoryPorts) => ports.sinks.train.losses.map(({ value }) => value);

describe('a custom executor', () => {
  /** Counts steps and delegates to replay; everything it needs comes from the port. */
  const counting =
    (log: string[]): StepExecutorFactory =>
    (host) => {
      const replay = host.replay();
      const executor: StepExecutor = {
        kind: 'counting',
        prepare: () => {
          log.push('prepare');
          return replay.prepare();
        },
        step: (batches, context) => {
          log.push(`step ${context.position.globalStep} of round ${context.position.round}`);
          return replay.step(batches, context);
        },
        sync: () => {
          log.push('sync');
          return replay.sync();
        },
        dispose: () => {
          log.push('dispose');
          replay.dispose();
        },
      };
      return executor;
    };

  it('trains, and gives the numbers of the executor that it delegates to', async () => {
    const log: string[] = [];
    const custom = make(() => tf.train.adam(0.1), counting(log), undefined, 0.3);
    await custom.estimator.setup(inputs);
    await custom.estimator.train({ maxSteps: 2 }).saveCkpt();
    await custom.estimator.train({ maxSteps: 1 });
    await custom.estimator.close();
    expect(log).toEqual([
      'prepare',
      'step 0 of round 0',
      'step 1 of round 0',
      'sync',
      'prepare',
      'step 2 of round 1',
      'dispose',
    ]);
    const builtIn = make(() => tf.train.adam(0.1), 'replay', undefined, 0.3);
    await builtIn.estimator.setup(inputs);
    await builtIn.estimator.train({ maxSteps: 2 });
    await builtIn.estimator.train({ maxSteps: 1 });
    await builtIn.estimator.close();
    expect(lossesOf(custom.ports)).toEqual(lossesOf(builtIn.ports));
    expect(lossesOf(custom.ports)).toHaveLength(3);
  });

  it('may be asynchronous, and fail without losing finished steps', async () => {
    let calls = 0;
    const failing: StepExecutorFactory = (host) => {
      const eager = host.eager();
      return {
        ...{ kind: 'failing', sync: () => eager.sync(), dispose: () => eager.dispose() },
        prepare: () => eager.prepare(),
        step: async (batches, context: StepContext) => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          calls += 1;
          if (calls === 3) throw new Error('no device');
          return eager.step(batches, context);
        },
      };
    };
    const { estimator, ports } = make(() => tf.train.sgd(0.1), failing);
    await estimator.setup(inputs);
    // The first step uploads the learning rate, which stays.
    await estimator.train({ maxSteps: 1 });
    const before = tf.memory().numTensors;
    await expect(estimator.train()).rejects.toThrow('no device');
    expect(tf.memory().numTensors).toBe(before);
    expect(estimator.globalStep).toBe(2);
    expect(lossesOf(ports)).toHaveLength(2);
    await estimator.train();
    expect(estimator.globalStep).toBe(7);
    await estimator.close();
  });
});

const optimizers: Record<string, () => tf.Optimizer> = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.8),
  nesterov: () => tf.train.momentum(0.1, 0.8, true),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1, 0.9, 1e-5),
  adam: () => tf.train.adam(0.1),
  adamax: () => tf.train.adamax(0.1, 0.9, 0.99, 1e-7, 0.01),
  rmsprop: () => tf.train.rmsprop(0.1, 0.8, 0.3),
  'centered rmsprop': () => tf.train.rmsprop(0.1, 0.8, 0.3, 1e-7, true),
};

describe.each(Object.entries(optimizers))('the update of %s', (_, optimizer) => {
  const target = tf.tensor1d([1, -2, 3, 0]);
  const start = [0.5, 0, -1, 2];
  const steps = 6;

  /** What tfjs's own optimizer makes of the variable, step by step. */
  const tfjsValues = (): number[][] => {
    const w = tf.variable(tf.tensor1d(start));
    const own = optimizer();
    const values = Array.from({ length: steps }, () => {
      const loss = () => tf.losses.meanSquaredError(target as tf.Tensor, w).asScalar();
      own.minimize(loss, false, [w])?.dispose();
      return Array.from(w.dataSync());
    });
    own.dispose();
    w.dispose();
    return values;
  };

  const modelFn = defineModelFn((features: { x: tf.Tensor2D }) => {
    const w = getVariable('w', { shape: [4], initializer: () => tf.tensor1d(start) });
    const loss = () =>
      tf.losses.meanSquaredError(target as tf.Tensor, w).add(features.x.sum().mul(0)) as tf.Scalar;
    return [new TrainSpec({ loss, optimizer }), null, null];
  });

  it.each(['eager', 'replay'] as const)(
    "is tfjs's own to the last bit in %s",
    async (execution) => {
      const estimator = new Estimator({ modelFn, execution }, new MemoryPorts());
      await estimator.setup({
        trainInputFn: () => Dataset.fromTensorSlices({ x: [[1]] }).batch(1),
      });
      const values: number[][] = [];
      for (let step = 0; step < steps; step++) {
        await estimator.train();
        values.push(Array.from(estimator.session.variables.get('w')?.dataSync() ?? []));
      }
      await estimator.close();
      expect(values).toEqual(tfjsValues());
    },
  );
});

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

describe.each(['eager', 'replay'] as const)('the learning rate in %s', (execution) => {
  const adam = () => tf.train.adam(0.1);

  it.each([
    ['with the model function', lineModelFn],
    ['without it', null],
  ])('continues after a stop by fromDisk %s', async (_, modelFn) => {
    const unbroken = make(adam, execution);
    await unbroken.estimator.setup(inputs);
    await trainOn(unbroken.estimator, 0, 6);
    await unbroken.estimator.close();
    expect(ratesOf(unbroken.ports)).toEqual([0.1, 0.1, 0.05, 0.05, 0.025, 0.025]);

    const store = new MemoryStore();
    const first = make(adam, execution, new MemoryPorts(store));
    await first.estimator.setup(inputs);
    await trainOn(first.estimator, 0, 4);
    await first.estimator.saveCkpt();
    await first.estimator.close();
    const ports = new MemoryPorts(store);
    const params = { optimizer: adam };
    const second = new Estimator({ modelFn, params, execution }, ports);
    await second.recover();
    expect(second.learningRate).toBe(0.025);
    expect(second.hyperparameters).toMatchObject({ learningRate: 0.025, beta1: 0.9 });
    await second.setup(inputs);
    await trainOn(second, 4, 6);
    await second.close();
    expect(ratesOf(first.ports, ports)).toEqual(ratesOf(unbroken.ports));
    const losses = [...lossesOf(first.ports), ...lossesOf(ports)];
    expect(losses).toEqual(lossesOf(unbroken.ports));
  });

  it('goes back and forth with restoreCkpt, unless it is kept', async () => {
    const { estimator } = make(adam, execution);
    await estimator.setup(inputs);
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

  it('is a literal of the model function only until a checkpoint is restored', async () => {
    const store = new MemoryStore();
    const first = make(adam, execution, new MemoryPorts(store));
    await first.estimator.setup(inputs);
    first.estimator.setHyperparameters({ learningRate: 0.3, beta1: 0.5 });
    await first.estimator.train().saveCkpt();
    await first.estimator.close();
    for (const keepHyperparameters of [false, true]) {
      const again = make(() => tf.train.adam(0.7), execution, new MemoryPorts(store));
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
    'changed during training mean the same in every execution: %s',
    async (...of) => {
      const [, optimizer, change] = of;
      const trained = async (execution: Execution) => {
        const { estimator, ports } = make(optimizer, execution);
        await estimator.setup(inputs);
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
        return { values, losses: lossesOf(ports) };
      };
      const eager = await trained('eager');
      expect(await trained('replay')).toEqual(eager);
      const { estimator, ports } = make(optimizer, 'eager');
      await estimator.setup(inputs);
      await estimator.train({ maxSteps: 2 });
      await estimator.train({ maxSteps: 3 });
      await estimator.close();
      expect(lossesOf(ports).slice(0, 3)).toEqual(eager.losses.slice(0, 3));
      expect(lossesOf(ports).at(-1)).not.toBe(eager.losses.at(-2));
    },
  );

  it('never cause a trace', async () => {
    const { estimator } = make(() => tf.train.adam(0.1), 'replay');
    await estimator.setup(inputs);
    const { traced } = estimator.graph;
    await trainOn(estimator, 0, 6);
    estimator.setHyperparameters({ beta1: 0.5, beta2: 0.5, epsilon: 1e-3 });
    await estimator.train({ maxSteps: 1 });
    // A trace would have made another graph.
    expect(estimator.graph.traced).toBe(traced);
    await estimator.close();
  });

  it('take effect within a round, also when set on the optimizer of tfjs itself', async () => {
    const run = async (execution: Execution, set: (e: Estimator<typeof lineModelFn>) => void) => {
      const ports = new MemoryPorts();
      const estimator = make(() => tf.train.sgd(0.1), execution, ports).estimator;
      const saveWhen = {
        shouldSave: ({ globalStep }: { readonly globalStep: number }) => {
          if (globalStep === 2) set(estimator);
          return false;
        },
      };
      await estimator.setup({ ...inputs, saveWhen });
      await estimator.train();
      await estimator.close();
      expect(ratesOf(ports)).toEqual([0.1, 0.01, 0.01]);
      return lossesOf(ports);
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

  it('are rejected as a whole when one is unknown or not finite', async () => {
    const { estimator } = make(() => tf.train.momentum(0.1, 0.9), 'eager');
    expect(estimator.hyperparameters).toEqual({});
    expect(estimator.learningRate).toBeUndefined();
    expect(() => estimator.setHyperparameters({ learningRate: 1 })).toThrow(/Must call setup/);
    await estimator.setup(inputs);
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

  it('of another kind of optimizer are left alone by a restore', async () => {
    const store = new MemoryStore();
    const first = make(() => tf.train.adam(0.1), 'eager', new MemoryPorts(store));
    await first.estimator.setup(inputs);
    await first.estimator.train().saveCkpt();
    await first.estimator.close();
    const second = make(() => tf.train.momentum(0.2, 0.9), 'eager', new MemoryPorts(store));
    await second.estimator.recover();
    expect(second.estimator.hyperparameters).toEqual({ learningRate: 0.2, momentum: 0.9 });
    await second.estimator.close();
  });
});

describe('random layers of tfjs', () => {
  const lstm = tf.sequential({
    layers: [
      tf.layers.gaussianNoise({ stddev: 0.5, inputShape: [3, 1] }),
      tf.layers.lstm({ units: 2, dropout: 0.5, recurrentDropout: 0.5 }),
      tf.layers.alphaDropout({ rate: 0.3 }),
      tf.layers.dense({ units: 1 }),
    ],
  });
  const start = lstm.getWeights().map((weight) => weight.clone());
  const modelFn = defineModelFn((features: { x: tf.Tensor3D }) => {
    const loss = () => layers.apply(lstm, features.x).square().mean();
    return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null];
  });

  it('follow the seed inside layers.apply and recurrent layers, in every execution', async () => {
    const losses = async (execution: Execution, seed: number) => {
      lstm.setWeights(start);
      const ports = new MemoryPorts();
      const estimator = new Estimator({ modelFn, execution, seed }, ports);
      const x = {
        data: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
        shape: [8, 3, 1],
      };
      await estimator.setup({ trainInputFn: () => Dataset.fromTensorSlices({ x }).batch(2) });
      await estimator.train();
      const before = tf.memory().numTensors;
      await estimator.train();
      expect(tf.memory().numTensors).toBe(before);
      await estimator.close();
      return lossesOf(ports);
    };
    const eager = await losses('eager', 7);
    expect(eager).toHaveLength(8);
    expect(await losses('eager', 7)).toEqual(eager);
    expect(await losses('replay', 7)).toEqual(eager);
    expect(await losses('eager', 8)).not.toEqual(eager);
  });
});

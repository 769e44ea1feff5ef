// Custom executors, and the steps of the built-in ones.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Dataset,
  defineModelFn,
  Estimator,
  type Execution,
  getVariable,
  layers,
  type StepContext,
  type StepExecutor,
  type StepExecutorFactory,
  TrainSpec,
} from '../src';
import { createLineEstimator, lineInputs } from './line-model';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

const create = (
  optimizer: () => tf.Optimizer,
  execution: Execution,
  ports = new MemoryPorts(),
  rate = 0,
) => createLineEstimator({ optimizer, rate }, ports, execution);

describe('a custom executor', () => {
  /** Logs its calls and delegates to replay. */
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

  it('trains with the numbers of the executor to which it delegates', async () => {
    const log: string[] = [];
    const custom = create(() => tf.train.adam(0.1), counting(log), undefined, 0.3);
    await custom.estimator.setup(lineInputs);
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
    const builtIn = create(() => tf.train.adam(0.1), 'replay', undefined, 0.3);
    await builtIn.estimator.setup(lineInputs);
    await builtIn.estimator.train({ maxSteps: 2 });
    await builtIn.estimator.train({ maxSteps: 1 });
    await builtIn.estimator.close();
    expect(custom.ports.losses).toEqual(builtIn.ports.losses);
    expect(custom.ports.losses).toHaveLength(3);
  });

  it('may be asynchronous, and may fail without losing finished steps', async () => {
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
    const { estimator, ports } = create(() => tf.train.sgd(0.1), failing);
    await estimator.setup(lineInputs);
    // The first step uploads the learning rate, which stays in memory.
    await estimator.train({ maxSteps: 1 });
    const before = tf.memory().numTensors;
    await expect(estimator.train()).rejects.toThrow('no device');
    expect(tf.memory().numTensors).toBe(before);
    expect(estimator.globalStep).toBe(2);
    expect(ports.losses).toHaveLength(2);
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
};

describe.each(Object.entries(optimizers))('the update of %s', (_, optimizer) => {
  const target = tf.tensor1d([1, -2, 3, 0]);
  const start = [0.5, 0, -1, 2];
  const steps = 6;

  /** The variable after each step of tfjs's own optimizer. */
  const tfjsValues = (): number[][] => {
    const w = tf.variable(tf.tensor1d(start));
    const tfjsOptimizer = optimizer();
    const values = Array.from({ length: steps }, () => {
      const loss = () => tf.losses.meanSquaredError(target as tf.Tensor, w).asScalar();
      tfjsOptimizer.minimize(loss, false, [w])?.dispose();
      return Array.from(w.dataSync());
    });
    tfjsOptimizer.dispose();
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
    "equals that of tfjs's own optimizer bit by bit in %s",
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

  it('follow the seed inside layers.apply() and recurrent layers, in each execution', async () => {
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
      return ports.losses;
    };
    const eager = await losses('eager', 7);
    expect(eager).toHaveLength(8);
    expect(await losses('eager', 7)).toEqual(eager);
    expect(await losses('replay', 7)).toEqual(eager);
    expect(await losses('eager', 8)).not.toEqual(eager);
  });
});

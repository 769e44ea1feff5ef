// Settings of tfjs's optimizers that change after construction: by setters, as fields, by the estimator.
import { pythonOracle, runPython } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Estimator, type Execution, getVariable, TrainSpec } from '../src';
import { createLineEstimator, lineInputs } from './line-model';
import { MemoryPorts, MemoryStore } from './memory-ports';

const oracle = await pythonOracle();

beforeAll(() => tf.setBackend('cpu'));

type Fields = Record<string, unknown>;
type Setting = (optimizer: tf.Optimizer) => void;

const assign =
  (fields: Fields): Setting =>
  (optimizer) =>
    Object.assign(optimizer, fields);

/** How each optimizer is created, a setting of it, and an optimizer that was created with that. */
const cases: readonly [string, () => tf.Optimizer, Setting, () => tf.Optimizer][] = [
  [
    'setLearningRate of sgd',
    () => tf.train.sgd(0.1),
    (optimizer) => (optimizer as tf.SGDOptimizer).setLearningRate(0.02),
    () => tf.train.sgd(0.02),
  ],
  [
    'learningRate of sgd',
    () => tf.train.sgd(0.1),
    assign({ learningRate: 0.02 }),
    () => tf.train.sgd(0.02),
  ],
  [
    'setMomentum',
    () => tf.train.momentum(0.05, 0.9),
    (optimizer) => (optimizer as tf.MomentumOptimizer).setMomentum(0.2),
    () => tf.train.momentum(0.05, 0.2),
  ],
  [
    'momentum',
    () => tf.train.momentum(0.05, 0.9),
    assign({ momentum: 0.2 }),
    () => tf.train.momentum(0.05, 0.2),
  ],
  [
    'learningRate of momentum',
    () => tf.train.momentum(0.05, 0.9),
    assign({ learningRate: 0.01 }),
    () => tf.train.momentum(0.01, 0.9),
  ],
  [
    'useNesterov',
    () => tf.train.momentum(0.05, 0.9),
    assign({ useNesterov: true }),
    () => tf.train.momentum(0.05, 0.9, true),
  ],
  [
    'learningRate and betas of adam',
    () => tf.train.adam(0.1),
    assign({ learningRate: 0.02, beta1: 0.5, beta2: 0.6, epsilon: 1e-3 }),
    () => tf.train.adam(0.02, 0.5, 0.6, 1e-3),
  ],
  [
    'betas and decay of adamax',
    () => tf.train.adamax(0.1),
    assign({ beta1: 0.5, beta2: 0.6, epsilon: 1e-3, decay: 0.3 }),
    () => tf.train.adamax(0.1, 0.5, 0.6, 1e-3, 0.3),
  ],
  [
    'decay, momentum and epsilon of rmsprop',
    () => tf.train.rmsprop(0.05, 0.9),
    assign({ decay: 0.5, momentum: 0.3, epsilon: 1e-3 }),
    () => tf.train.rmsprop(0.05, 0.5, 0.3, 1e-3),
  ],
  [
    'learningRate of adagrad',
    () => tf.train.adagrad(0.1),
    assign({ learningRate: 0.02 }),
    () => tf.train.adagrad(0.02),
  ],
  [
    // Its update divides equal accumulators, so neither rho nor epsilon matters.
    'learningRate of adadelta',
    () => tf.train.adadelta(0.05),
    assign({ learningRate: 0.01, rho: 0.5, epsilon: 1e-3 }),
    () => tf.train.adadelta(0.01, 0.5, 1e-3),
  ],
];

/** A subclass with its own update, which ends in tfjs's. */
const subclassed = (optimizer: tf.Optimizer): tf.Optimizer => {
  const own = optimizer as unknown as { applyGradients(gradients: unknown): void };
  const inherited = own.applyGradients;
  own.applyGradients = function applyGradients(gradients) {
    inherited.call(this, gradients);
  };
  return optimizer;
};

const train = async (
  optimizer: () => tf.Optimizer,
  execution: Execution,
  change: { readonly step: number; readonly set: Setting } | undefined,
) => {
  const { estimator, ports } = createLineEstimator({ optimizer }, new MemoryPorts(), execution);
  const apply = (globalStep: number) => {
    const { optimizer: instance } = estimator.session;
    if (globalStep === change?.step && instance) change.set(instance);
    return false;
  };
  const saveWhen = {
    shouldSave: ({ globalStep }: { readonly globalStep: number }) => apply(globalStep),
  };
  await estimator.setup({ ...lineInputs, saveWhen });
  apply(0);
  await estimator.train();
  await estimator.train({ maxSteps: 2 });
  await estimator.close();
  return ports.losses;
};

const closeTo = (losses: readonly number[]) => losses.map((loss) => expect.closeTo(loss, 6));

describe.each(cases)('%s', (_, optimizer, set, expected) => {
  it.each(['eager', 'replay'] as const)(
    'before the first step are as if given to the constructor, in %s',
    async (execution) => {
      const reference = await train(expected, execution, undefined);
      expect(await train(optimizer, execution, { step: 0, set })).toEqual(closeTo(reference));
      const inFactory = () => {
        const created = optimizer();
        set(created);
        return created;
      };
      expect(await train(inFactory, execution, undefined)).toEqual(closeTo(reference));
      expect(await train(optimizer, execution, undefined)).not.toEqual(closeTo(reference));
    },
  );

  it('take effect at the next step, equally in each execution and with an update of its own', async () => {
    const change = { step: 2, set };
    const eager = await train(optimizer, 'eager', change);
    const unchanged = await train(optimizer, 'eager', undefined);
    expect(eager.slice(0, 3)).toEqual(unchanged.slice(0, 3));
    expect(eager[3]).not.toBe(unchanged[3]);
    expect(await train(optimizer, 'replay', change)).toEqual(closeTo(eager));
    for (const execution of ['eager', 'replay'] as const) {
      const losses = await train(() => subclassed(optimizer()), execution, change);
      expect(losses).toEqual(closeTo(eager));
    }
  });
});

describe('a setting', () => {
  it('of a graph without its code takes effect before the first step', async () => {
    const run = async (beta1: number, set: boolean) => {
      const store = new MemoryStore();
      const optimizer = () => tf.train.adam(0.1, beta1);
      const first = createLineEstimator({ optimizer }, new MemoryPorts(store));
      await first.estimator.setup(lineInputs);
      await first.estimator.saveCkpt();
      await first.estimator.close();
      const ports = new MemoryPorts(store);
      const second = new Estimator({ modelFn: null }, ports);
      await second.recover();
      if (set) second.setHyperparameters({ beta1: 0.5 });
      await second.setup(lineInputs);
      await second.train();
      await second.close();
      return ports.losses;
    };
    const reference = await run(0.5, false);
    expect(await run(0.9, true)).toEqual(closeTo(reference));
    expect(await run(0.9, false)).not.toEqual(closeTo(reference));
  });

  it('that is not a number any more, or can not change, is named', async () => {
    const message = async (optimizer: () => tf.Optimizer, fields: Fields) => {
      const set = assign(fields);
      const training = train(optimizer, 'replay', { step: 0, set });
      return training.then(String, (error: Error) => error.message);
    };
    const adam = () => tf.train.adam(0.1);
    expect(await message(adam, { learningRate: '0.1' })).toMatch(
      /"learningRate" of the optimizer: expected a number, got string 0.1/,
    );
    expect(await message(adam, { beta1: undefined })).toMatch(/"beta1".*got undefined/);
    expect(await message(adam, { epsilon: tf.scalar(1) })).toMatch(/"epsilon".*got a tensor/);
    const rmsprop = () => tf.train.rmsprop(0.1);
    expect(await message(rmsprop, { centered: true })).toMatch(/"centered".*false.*got true/);
  });

  it('leaks no tensors', async () => {
    const before = tf.memory().numTensors;
    const set: Setting = (optimizer) => {
      (optimizer as tf.MomentumOptimizer).setMomentum(0.3);
      (optimizer as tf.MomentumOptimizer).setLearningRate(0.3);
    };
    const decaying = () => {
      const optimizer = tf.train.momentum(0.1, 0.9);
      const own = optimizer as unknown as { applyGradients(gradients: unknown): void };
      const inherited = own.applyGradients;
      own.applyGradients = function applyGradients(gradients) {
        const { learningRate } = this as unknown as { learningRate: number };
        (this as unknown as tf.MomentumOptimizer).setLearningRate(learningRate * 0.9);
        inherited.call(this, gradients);
      };
      return optimizer;
    };
    for (const optimizer of [() => tf.train.momentum(0.1, 0.9), decaying]) {
      await train(optimizer, 'eager', { step: 1, set });
      expect(tf.memory().numTensors).toBe(before);
    }
  });
});

describe.skipIf(!oracle.python)("Keras's optimizers", () => {
  it('give the same values when settings are assigned, and for a centered RMSProp', async () => {
    const modelFn = (
      _: { x: tf.Tensor },
      __: boolean,
      params: { set: Setting; of: () => tf.Optimizer },
    ) => {
      // The gradient of the last one is 0, where tfjs's centered RMSProp gives NaN.
      const w = getVariable('w', { shape: [3], initializer: () => tf.tensor1d([1, -2, 0]) });
      const loss = () => w.square().sum() as tf.Scalar;
      return [new TrainSpec({ loss, optimizer: params.of }), null, null] as const;
    };
    const ours = async (of: () => tf.Optimizer, set: Setting) => {
      const estimator = new Estimator({ modelFn, params: { of, set } }, new MemoryPorts());
      await estimator.setup({ trainInputFn: () => Array(5).fill({ x: [[1]] }) });
      if (estimator.session.optimizer) set(estimator.session.optimizer);
      await estimator.train();
      const values = estimator.session.variables.get('w')?.arraySync();
      await estimator.close();
      return values as number[];
    };
    const script = `
import json, keras, numpy as np
def run(optimizer, **settings):
    w = keras.Variable(np.array([1., -2., 0.], 'float32'))
    optimizer.build([w])
    for name, value in settings.items(): setattr(optimizer, name, value)
    for _ in range(5): optimizer.apply([2 * w.value], [w])
    return np.asarray(w.value).tolist()
o = keras.optimizers
print(json.dumps([
    run(o.SGD(0.1, momentum=0.9), momentum=0.2),
    run(o.Adam(0.1, epsilon=1e-8), beta_1=0.5, beta_2=0.6, learning_rate=0.02),
    run(o.Adamax(0.1, epsilon=1e-8), beta_1=0.5),
    run(o.RMSprop(0.1, rho=0.8, momentum=0.3, epsilon=1e-3, centered=True), rho=0.9),
]))`;
    const keras = runPython<number[][]>(oracle.python ?? '', script);
    const results = [
      await ours(
        () => tf.train.momentum(0.1, 0.9),
        (optimizer) => (optimizer as tf.MomentumOptimizer).setMomentum(0.2),
      ),
      await ours(
        () => tf.train.adam(0.1, 0.9, 0.999, 1e-8),
        assign({ beta1: 0.5, beta2: 0.6, learningRate: 0.02 }),
      ),
      await ours(() => tf.train.adamax(0.1, 0.9, 0.999, 1e-8), assign({ beta1: 0.5 })),
      await ours(() => tf.train.rmsprop(0.1, 0.8, 0.3, 1e-3, true), assign({ decay: 0.9 })),
    ];
    expect(results).toHaveLength(keras.length);
    results.forEach((values, index) => {
      values.forEach((value, at) => {
        expect(value).toBeCloseTo(keras[index]?.[at] ?? Number.NaN, 5);
      });
    });
  });
});

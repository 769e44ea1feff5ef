// What stays consistent when something fails, or happens at an awkward moment.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Dataset,
  defineModelFn,
  Estimator,
  getVariable,
  type StepExecutor,
  type StepExecutorFactory,
  TrainSpec,
} from '../src';
import { createLineEstimator, lineInputs } from './line-model';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

const delegating =
  (changes: (executor: StepExecutor) => Partial<StepExecutor>): StepExecutorFactory =>
  (host) => {
    const eager = host.eager();
    return {
      kind: 'delegating',
      prepare: () => eager.prepare(),
      step: (batches, context) => eager.step(batches, context),
      sync: () => eager.sync(),
      dispose: () => eager.dispose(),
      ...changes(eager),
    };
  };

const valuesOf = (estimator: { readonly session: Estimator['session'] }) =>
  [...estimator.session.variables.values()].map((variable) => variable.arraySync());

describe('a setup() that fails', () => {
  const modelFn = defineModelFn((features: { x: tf.Tensor2D }) => {
    const w = getVariable('w', { shape: [], initializer: () => tf.scalar(1) });
    const loss = () => features.x.mean().mul(w).square() as tf.Scalar;
    return [new TrainSpec({ loss, optimizer: () => tf.train.adam(0.1) }), null, null];
  });
  const inputFn = (width: number) => () =>
    Dataset.fromTensorSlices({
      x: { data: new Float32Array(4 * width).fill(1), shape: [4, width] },
    }).batch(2);

  it('keeps the graph of the last successful one', async () => {
    const estimator = new Estimator({ modelFn, execution: 'replay' }, new MemoryPorts());
    await estimator.setup({ trainInputFn: inputFn(3) });
    await estimator.setup({ trainInputFn: inputFn(4) });
    const failing = { trainInputFn: inputFn(4), inputShapes: { x: [1, 1] } };
    await expect(estimator.setup(failing)).rejects.toThrow('inputShapes');
    const x = estimator.graph.traced.placeholders.find(({ name }) => name === 'x');
    expect(x?.shape[1]).toBe(4);
    await estimator.train();
    await estimator.close();
  });
});

describe('a save during the step of an asynchronous executor', () => {
  it('contains the variables and the position of one moment', async () => {
    let save = () => {};
    const ports = new MemoryPorts();
    const execution = delegating((eager) => ({
      step: async (batches, context) => {
        const result = await eager.step(batches, context);
        save();
        await new Promise((resolve) => setTimeout(resolve, 5));
        return result;
      },
    }));
    const { estimator } = createLineEstimator({}, ports, execution);
    await estimator.setup(lineInputs);
    let saved: Promise<string> | undefined;
    save = () => {
      saved ??= estimator.saveCkpt();
    };
    await estimator.train({ maxSteps: 1 });
    expect(await saved).toBe('model_iter-1');
    const trained = valuesOf(estimator);
    await estimator.train();
    await estimator.restoreCkpt('model_iter-1');
    expect(valuesOf(estimator)).toEqual(trained);
    await estimator.close();
  });
});

describe('an executor that fails', () => {
  it('to be disposed does not keep the model and the directory', async () => {
    let closed = 0;
    const ports = new MemoryPorts();
    ports.store.close = async () => void closed++;
    const execution = delegating(() => ({
      dispose: () => {
        throw new Error('no dispose');
      },
    }));
    const before = tf.memory().numTensors;
    const { estimator } = createLineEstimator({}, ports, execution);
    await estimator.setup(lineInputs);
    await expect(estimator.close()).rejects.toThrow('no dispose');
    expect([closed, tf.memory().numTensors]).toEqual([1, before]);
  });

  it('to help recover() is disposed', async () => {
    const ports = new MemoryPorts();
    const { estimator } = createLineEstimator({}, ports);
    await estimator.setup(lineInputs);
    await estimator.train().saveCkpt();
    await estimator.close();
    const snapshot = ports.store.snapshots.get(5);
    if (snapshot === undefined) throw new Error('nothing was saved');
    const tensors = snapshot.tensors.filter(({ name }) => !name.includes('kernel'));
    ports.store.snapshots.set(5, { ...snapshot, tensors });
    let disposed = 0;
    const execution = delegating(() => ({ dispose: () => void disposed++ }));
    const again = createLineEstimator({}, ports, execution).estimator;
    await expect(again.recover()).rejects.toThrow('kernel');
    expect(disposed).toBe(1);
  });
});

describe('a model that is traced again within a round', () => {
  it('leaks nothing in replay', async () => {
    const params = { rate: 0 };
    const { estimator } = createLineEstimator(params, new MemoryPorts(), 'replay');
    let changes = false;
    const shouldSave = ({ globalStep }: { readonly globalStep: number }) => {
      if (changes && globalStep % 5 === 2) params.rate += 0.1;
      return changes && globalStep % 5 === 2;
    };
    await estimator.setup({ ...lineInputs, saveWhen: { shouldSave } });
    await estimator.train();
    changes = true;
    await estimator.train();
    const before = tf.memory().numTensors;
    for (let round = 0; round < 3; round++) await estimator.train();
    expect(tf.memory().numTensors).toBe(before);
    await estimator.close();
  });
});

describe('an optimizer with an update rule of its own', () => {
  class OwnSgd extends tf.SGDOptimizer {
    override applyGradients(gradients: tf.NamedTensorMap): void {
      super.applyGradients(gradients);
    }
  }

  it.each(['eager', 'replay'] as const)(
    'obeys a changed rate at the next step in %s',
    async (of) => {
      const optimizer = () => new OwnSgd(0.1);
      const { estimator } = createLineEstimator({ optimizer }, new MemoryPorts(), of);
      let values: unknown;
      const shouldSave = ({ globalStep }: { readonly globalStep: number }) => {
        if (globalStep === 2) {
          values = valuesOf(estimator);
          estimator.learningRate = 0;
        }
        return false;
      };
      await estimator.setup({ ...lineInputs, saveWhen: { shouldSave } });
      await estimator.train();
      expect(values).toBeDefined();
      expect(valuesOf(estimator)).toEqual(values);
      await estimator.close();
    },
  );

  it('may compute its learning rate, which a restore then leaves alone', async () => {
    class Computed extends OwnSgd {
      static override readonly className = 'Computed';
    }
    const optimizer = () =>
      Object.defineProperty(new Computed(0.1), 'learningRate', { get: () => 0.1 });
    const { estimator } = createLineEstimator({ optimizer }, new MemoryPorts());
    await estimator.setup(lineInputs);
    await estimator.train().saveCkpt();
    await estimator.restoreLatestCkpt();
    expect(estimator.learningRate).toBe(0.1);
    expect(() => estimator.setHyperparameters({ learningRate: 1 })).toThrow(/exposes none/);
    await estimator.close();
  });
});

describe('a restore that fails', () => {
  it('leaves the optimizer as it was', async () => {
    const optimizer = () => tf.train.adam(0.1);
    const { estimator } = createLineEstimator({ optimizer }, new MemoryPorts());
    await estimator.setup(lineInputs);
    Object.assign(estimator.session.optimizer ?? {}, { learningRate: Number.NaN });
    const file = await estimator.saveCkpt({ allowNonFinite: true });
    estimator.learningRate = 0.2;
    await estimator.train({ maxSteps: 1 });
    const before = valuesOf(estimator);
    await expect(estimator.restoreCkpt(file)).rejects.toThrow(/finite number, got NaN/);
    expect(valuesOf(estimator)).toEqual(before);
    expect(estimator.session.optimizer?.iterations).toBe(1);
    await estimator.restoreCkpt(file, { keepHyperparameters: true });
    expect(estimator.session.optimizer?.iterations).toBe(0);
    await estimator.close();
  });
});

describe('checkpoints', () => {
  it('without a position take the round from the directory', async () => {
    const ports = new MemoryPorts();
    const { estimator } = createLineEstimator({}, ports);
    await estimator.setup(lineInputs);
    await estimator.train();
    await estimator.train().saveCkpt();
    await estimator.close();
    const snapshot = ports.store.snapshots.get(10);
    if (snapshot === undefined) throw new Error('nothing was saved');
    const tensors = snapshot.tensors.filter(({ name }) => !name.startsWith('elistimator/'));
    ports.store.snapshots.set(10, { ...snapshot, tensors });
    const again = createLineEstimator({}, new MemoryPorts(ports.store));
    await again.estimator.recover();
    await again.estimator.setup(lineInputs);
    await again.estimator.train();
    expect(again.ports.progress.log.filter((line) => line.startsWith('begin'))).toEqual([
      'begin Training (3) of 5',
    ]);
    await again.estimator.close();
  });

  it('in the background get metrics one after the other', async () => {
    const ports = new MemoryPorts();
    let running = 0;
    let most = 0;
    const slowly = async <T>(task: () => Promise<T>): Promise<T> => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return task();
    };
    const { store } = ports;
    const save = store.save.bind(store);
    const record = store.recordMetrics.bind(store);
    store.save = (snapshot) => slowly(() => save(snapshot));
    store.recordMetrics = (step, metrics) => slowly(() => record(step, metrics));
    const { estimator } = createLineEstimator({}, ports);
    await estimator.setup({ ...lineInputs, saveInBackground: true });
    await estimator.train().saveCkpt();
    await Promise.all([estimator.validate(), estimator.validate()]);
    await estimator.close();
    expect(most).toBe(1);
    expect(store.snapshots.get(5)?.metrics).toHaveProperty('loss');
  });
});

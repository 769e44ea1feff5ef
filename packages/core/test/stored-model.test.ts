// Models that run from the graph of a checkpoint, and what has to be the same as with their code.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Dataset,
  DatasetError,
  Estimator,
  EvaluationSpec,
  getVariable,
  type InputFn,
  layers,
  MissingFeatureError,
  type ModelFn,
  metrics,
  NotReadyError,
  OptionError,
  PredictSpec,
  summary,
  TrainSpec,
} from '../src';
import { lineInputFn, lineModelFn } from './line-model';
import { MemoryPorts, MemoryStore } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

interface Features {
  readonly x: tf.Tensor2D;
  readonly y: tf.Tensor2D;
}

const inputs = { trainInputFn: lineInputFn(), validationInputFn: lineInputFn(20, 6) };

/** Fits a line through what `hidden` makes of the features. */
const modelOf =
  (hidden: (features: Features, isTraining: boolean) => tf.Tensor) =>
  (features: Features, isTraining: boolean) => {
    const line = layers.dense(hidden(features, isTraining), { units: 1 });
    const loss = tf.losses.meanSquaredError(features.y, line) as tf.Scalar;
    const error = metrics.meanAbsoluteError({ labels: features.y, predictions: line });
    return [
      new TrainSpec({ loss, optimizer: () => tf.train.adam(0.1) }),
      new EvaluationSpec({ loss, metrics: { error } }),
      new PredictSpec({ output: { line } }),
    ] as const;
  };

const estimatorOf = (
  // biome-ignore lint/suspicious/noExplicitAny: a test's model takes whatever features its data has.
  modelFn: ModelFn<any, any> | null,
  store = new MemoryStore(),
  execution?: 'eager' | 'graph',
) => {
  const ports = new MemoryPorts(store);
  return { ports, store, estimator: new Estimator({ modelFn, seed: 7, execution }, ports) };
};

/** Trains a model for a round and saves it. */
const saved = async (...of: Parameters<typeof estimatorOf>) => {
  const made = estimatorOf(...of);
  await made.estimator.setup(inputs);
  await made.estimator.train().saveCkpt();
  return made;
};

describe('a model without code', () => {
  it('saves what its graph does not use, so that the code can go on', async () => {
    const modelFn = modelOf(({ x }) => {
      getVariable('unused', { shape: [2] });
      return x;
    });
    const { estimator, store } = await saved(modelFn);
    const unused = estimator.session.variables.get('unused')?.dataSync();
    await estimator.close();

    const { estimator: stored } = estimatorOf(null, store);
    await stored.recover();
    await stored.setup(inputs);
    await stored.train().saveCkpt();
    await stored.close();

    const { estimator: again } = estimatorOf(modelFn, store);
    await again.recover();
    expect(again.globalStep).toBe(10);
    expect(again.session.variables.get('unused')?.dataSync()).toEqual(unused);
    await again.close();
  });

  it('keeps the state of an optimizer whose step is code only', async () => {
    let calls = 0;
    const modelFn = (features: Features) => {
      const line = layers.dense(features.x, { units: 1 });
      const loss = () => features.y.sub(line).square().mean().mul(++calls) as tf.Scalar;
      return [
        new TrainSpec({ loss, optimizer: () => tf.train.adam(0.1) }),
        null,
        new PredictSpec({ output: { line } }),
      ] as const;
    };
    const { estimator, store } = await saved(modelFn);
    await estimator.close();
    const tensors = () => new Map(store.snapshots.get(5)?.tensors.map((of) => [of.name, of.data]));
    const before = tensors();
    expect([...before.keys()]).toContain('dense/kernel/Adam');

    const { estimator: stored } = estimatorOf(null, store);
    await stored.recover();
    await stored.saveCkpt();
    await stored.close();
    expect(tensors()).toEqual(before);
  });

  it('ignores features that nothing in it needs', async () => {
    const modelFn = modelOf(({ x }) => x);
    const data = { id: ['a', 'b', 'c', 'd'], x: [[0], [1], [2], [3]], y: [[1], [2], [3], [4]] };
    const inputFn = () => Dataset.fromTensorSlices(data).batch(2);
    const { estimator, store } = estimatorOf(modelFn);
    await estimator.setup({ trainInputFn: inputFn });
    await estimator.saveCkpt();
    const expected = await estimator.evaluate({ inputFn });
    await estimator.close();

    const { estimator: stored } = estimatorOf(null, store);
    await stored.recover();
    expect(await stored.evaluate({ inputFn })).toEqual(expected);
    await stored.setup({ trainInputFn: inputFn });
    await stored.train();
    expect(stored.globalStep).toBe(2);
    await stored.close();
  });

  it('refuses data that its graph does not train on when it is set up', async () => {
    const { estimator, store } = await saved(lineModelFn);
    await estimator.close();
    const { estimator: stored } = estimatorOf(null, store);
    await stored.recover();
    const setup = (data: Parameters<typeof Dataset.fromTensorSlices>[0]) =>
      stored.setup({
        trainInputFn: (() => Dataset.fromTensorSlices(data).batch(2)) as InputFn,
      });
    await expect(setup({ x: [[0, 1]], y: [[1]] })).rejects.toThrow(DatasetError);
    await expect(setup({ x: [[0, 1]], y: [[1]] })).rejects.toThrow(/"x".*\[null,1\].*got.*\[1,2\]/);
    await expect(setup({ x: [[0]] })).rejects.toMatchObject({
      name: MissingFeatureError.name,
      feature: 'y',
    });
    await stored.setup(inputs);
    await stored.close();
  });

  it('starts again, with its code and without, where ids start at 1', async () => {
    const one = tf.keep(tf.scalar(1, 'int32'));
    const modelFn = (features: { readonly id: tf.Tensor2D; readonly y: tf.Tensor1D }) => {
      // tf.gather takes no index below 0.
      const row = layers.embedding(features.id.sub(one), { inputDim: 3, outputDim: 1 });
      const score = row.reshape<tf.Tensor1D>([-1]);
      const loss = tf.losses.meanSquaredError(features.y, score) as tf.Scalar;
      return [
        new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }),
        null,
        new PredictSpec({ output: { score } }),
      ] as const;
    };
    const data = { id: Int32Array.of(3, 1, 2, 1), y: Float32Array.of(1, 2, 3, 4) };
    const columns = { ...data, id: { data: data.id, shape: [4, 1] } };
    const { estimator, store, ports } = estimatorOf(modelFn);
    await estimator.setup({ trainInputFn: () => Dataset.fromTensorSlices(columns).batch(4) });
    expect(ports.progress.log).toEqual([]);
    await estimator.train().saveCkpt();
    const expected = await estimator.predict({ id: [[1], [3]] });
    await estimator.close();
    for (const code of [modelFn, null]) {
      const { estimator: again } = estimatorOf(code, store);
      await again.recover();
      expect(await again.predict({ id: [[1], [3]] })).toEqual(expected);
      await again.close();
    }
    one.dispose();
  });

  it('says which graph it takes when the one of its checkpoint is damaged', async () => {
    const { estimator, store } = await saved(lineModelFn);
    await estimator.train().saveCkpt();
    await estimator.close();
    const forget = (step: number) => {
      const snapshot = store.snapshots.get(step);
      if (snapshot) store.snapshots.set(step, { ...snapshot, attachments: {} });
    };
    forget(10);
    const { estimator: stored, ports } = estimatorOf(null, store);
    await stored.recover();
    expect(stored.globalStep).toBe(10);
    expect(ports.progress.log.join()).toMatch(/graph is taken from another.*no model_iter-10\.meta/);
    await stored.close();
    forget(5);
    const recovering = estimatorOf(null, store).estimator.recover();
    await expect(recovering).rejects.toThrow(NotReadyError);
    await expect(recovering).rejects.toThrow(/no model_iter-10\.meta.*Pass the modelFn/);
  });

  it('records images as its code did, whatever the batch size', async () => {
    const modelFn = modelOf(({ x }) => {
      summary.image('pictures', x.reshape([-1, 1, 1, 1]), { maxOutputs: 2 });
      summary.image('all', x.reshape([-1, 1, 1, 1]), { maxOutputs: Number.POSITIVE_INFINITY });
      return x;
    });
    const { estimator, store, ports } = await saved(modelFn);
    expect(ports.progress.log.filter((text) => text.includes('traced'))).toEqual([]);
    await estimator.train();
    await estimator.close();
    const { estimator: stored, ports: own } = estimatorOf(null, store);
    await stored.recover();
    await stored.setup(inputs);
    await stored.train();
    await stored.close();
    const second = ports.sinks.train.others.filter(({ step }) => step > 5);
    expect(own.sinks.train.others).toEqual(second);
    expect(second[0]).toMatchObject({ tag: 'pictures', value: { shape: [2, 1, 1, 1] } });
    expect(second[1]).toMatchObject({ tag: 'all', value: { shape: [8, 1, 1, 1] } });
  });
});

describe('a model function whose parameters change', () => {
  const modelFn = (features: Features, _: boolean, { factor }: { readonly factor: number }) => {
    const weight = getVariable('weight', { shape: [], initializer: () => tf.scalar(1) });
    const scaled = features.x.mul(weight).mul(factor);
    const loss = features.y.sub(scaled).square().mean() as tf.Scalar;
    return [
      new TrainSpec({ loss, optimizer: () => tf.train.sgd(0) }),
      null,
      new PredictSpec({ output: { scaled } }),
    ] as const;
  };

  it.each(['eager', 'graph'] as const)(
    'runs with them as they are, execution %s',
    async (execution) => {
      const params = { factor: 1 };
      const ports = new MemoryPorts();
      const estimator = new Estimator({ modelFn, params, seed: 7, execution }, ports);
      await estimator.setup(inputs);
      params.factor = 3;
      const x = [[2]];
      expect((await estimator.predict({ x })).scaled).toEqual([[6]]);
      await estimator.train();
      const [first] = ports.sinks.train.losses;
      const own = new MemoryPorts();
      const fresh = new Estimator({ modelFn, params: { factor: 3 }, seed: 7 }, own);
      await fresh.setup(inputs);
      await fresh.train();
      expect(first?.value).toBe(own.sinks.train.losses[0]?.value);
      await estimator.saveCkpt();
      await Promise.all([estimator.close(), fresh.close()]);
      const { estimator: stored } = estimatorOf(null, ports.store);
      await stored.recover();
      expect((await stored.predict({ x })).scaled).toEqual([[6]]);
      await stored.close();
    },
  );
});

describe('a model function in place of the graph', () => {
  it('is reported to differ by a constant, but not by a learning rate, which is an input', async () => {
    const store = new MemoryStore();
    const params = { optimizer: () => tf.train.adam(0.01), rate: 0.2 };
    const first = new Estimator({ modelFn: lineModelFn, params, seed: 7 }, new MemoryPorts(store));
    await first.setup(inputs);
    await first.train().saveCkpt();
    await first.close();
    const said = async (changed: Partial<typeof params>) => {
      const ports = new MemoryPorts(store);
      const own = { ...params, ...changed };
      const estimator = new Estimator({ modelFn: lineModelFn, params: own, seed: 7 }, ports);
      await estimator.recover();
      await estimator.close();
      return ports.progress.log.filter((text) => text.includes('differs')).join();
    };
    expect(await said({})).toBe('');
    expect(await said({ optimizer: () => tf.train.adam(0.1) })).toBe('');
    expect(await said({ rate: 0.5 })).toMatch(/it changes dropout.*\(Const\)/);
    expect(await said({ rate: 0 })).toMatch(/it lacks dropout/);
  });

  it('does not differ for a layer without variables that each call makes anew', async () => {
    const modelFn = modelOf(({ x }) => layers.apply(tf.layers.gaussianNoise({ stddev: 1 }), x));
    const { estimator, store } = await saved(modelFn);
    await estimator.close();
    const { estimator: again, ports } = estimatorOf(modelFn, store);
    await again.recover();
    expect(ports.progress.log.filter((text) => text.includes('differs'))).toEqual([]);
    await again.close();
  });
});

describe('training by graph', () => {
  it('goes on from a checkpoint without slots, as code does', async () => {
    const params = { optimizer: () => tf.train.sgd(0.1) };
    const losses = [];
    for (const execution of ['eager', 'graph'] as const) {
      const ports = new MemoryPorts();
      const adam = { optimizer: () => tf.train.adam(0.1) };
      const options = { modelFn: lineModelFn, params: adam, seed: 7, execution };
      const sgd = new Estimator({ modelFn: lineModelFn, params, seed: 7 }, ports);
      await sgd.setup(inputs);
      await sgd.train().saveCkpt();
      await sgd.close();
      const own = new MemoryPorts(ports.store);
      const estimator = new Estimator(options, own);
      await estimator.setup(inputs);
      await estimator.restoreLatestCkpt();
      await estimator.train();
      losses.push(own.sinks.train.losses.map(({ value }) => value));
      await estimator.close();
    }
    expect(losses[0]).toHaveLength(5);
    expect(losses[1]).toEqual(losses[0]);
  });
});

describe('session.run', () => {
  it('takes an output by its name, that of prediction, though training has another', async () => {
    const { estimator } = estimatorOf(
      modelOf(({ x }, training) => layers.dropout(x, { rate: 0.5, training })),
    );
    await estimator.setup(inputs);
    const feeds = { x: [[0.5], [1]] };
    const line = await estimator.session.run('line', feeds);
    expect(line.arraySync()).toEqual((await estimator.predict(feeds)).line);
    const loss = await estimator.session.run('loss', { ...feeds, y: [[1], [2]] });
    expect(loss.shape).toEqual([]);
    tf.dispose([line, loss]);
    await expect(estimator.session.run('line')).rejects.toThrow(/"x".*got no features/);
    await estimator.close();
  });

  it('refuses what are no names, or no feeds', async () => {
    const { estimator } = estimatorOf(lineModelFn);
    await estimator.setup(inputs);
    const run = estimator.session.run.bind(estimator.session) as (
      ...of: unknown[]
    ) => Promise<unknown>;
    for (const wrong of [[undefined], [3], [['line', null]], ['line', null], ['line', 'x']]) {
      await expect(run(...wrong)).rejects.toThrow(OptionError);
    }
    const x = tf.zeros([1, 1]);
    await expect(run('line', x)).rejects.toThrow(/feeds of session.run\(\).*got "tensor"/);
    x.dispose();
    await estimator.close();
  });
});

it('frees what tfjs leaves behind: masks of recurrent dropout, a rate of momentum', async () => {
  const modelFn = (features: Features) => {
    const sequence = features.x.reshape<tf.Tensor3D>([-1, 1, 1]);
    const state = layers.lstm(sequence, { units: 2, dropout: 0.2, recurrentDropout: 0.2 });
    const line = layers.dense(state, { units: 1 });
    const loss = tf.losses.meanSquaredError(features.y, line) as tf.Scalar;
    const optimizer = () => tf.train.momentum(0.1, 0.9);
    return [new TrainSpec({ loss, optimizer }), null, null] as const;
  };
  const { numTensors } = tf.memory();
  for (const execution of ['eager', 'graph'] as const) {
    const { estimator } = await saved(modelFn, new MemoryStore(), execution);
    await estimator.close();
    expect(tf.memory().numTensors).toBe(numTensors);
  }
});

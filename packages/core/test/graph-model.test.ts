// Models without code, which run the graph of a checkpoint: they must behave as their code does.
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
import { lineInputs, lineModelFn } from './line-model';
import { MemoryPorts, MemoryStore } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

interface Features {
  readonly x: tf.Tensor2D;
  readonly y: tf.Tensor2D;
}

/** A model function that fits a line to the result of `hidden`. */
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
  // biome-ignore lint/suspicious/noExplicitAny: model functions of tests have different features.
  modelFn: ModelFn<any, any> | null,
  store = new MemoryStore(),
  execution?: 'eager' | 'graph',
) => {
  const ports = new MemoryPorts(store);
  return { ports, store, estimator: new Estimator({ modelFn, seed: 7, execution }, ports) };
};

/** Trains a model for a round and saves it. */
const saved = async (...of: Parameters<typeof estimatorOf>) => {
  const created = estimatorOf(...of);
  await created.estimator.setup(lineInputs);
  await created.estimator.train().saveCkpt();
  return created;
};

describe('a model without code', () => {
  it('saves variables that its graph does not use, so that the code can continue', async () => {
    const modelFn = modelOf(({ x }) => {
      getVariable('unused', { shape: [2] });
      return x;
    });
    const { estimator, store } = await saved(modelFn);
    const unused = estimator.session.variables.get('unused')?.dataSync();
    await estimator.close();

    const { estimator: stored } = estimatorOf(null, store);
    await stored.recover();
    await stored.setup(lineInputs);
    await stored.train().saveCkpt();
    await stored.close();

    const { estimator: again } = estimatorOf(modelFn, store);
    await again.recover();
    expect(again.globalStep).toBe(10);
    expect(again.session.variables.get('unused')?.dataSync()).toEqual(unused);
    await again.close();
  });

  it('keeps the state of an optimizer whose step can not be traced', async () => {
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

  it('ignores features that no output depends on', async () => {
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

  it('rejects data in setup() that its graph can not train on', async () => {
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
    await stored.setup(lineInputs);
    await stored.close();
  });

  it('can be restored, with its code and without, when ids start at 1', async () => {
    const one = tf.keep(tf.scalar(1, 'int32'));
    const modelFn = (features: { readonly id: tf.Tensor2D; readonly y: tf.Tensor1D }) => {
      // tf.gather rejects negative indices, so a trace with zeros as example would fail.
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

  it('prints that it takes the graph of another checkpoint when its own is missing', async () => {
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
    expect(ports.progress.log.join()).toMatch(
      /graph is taken from another.*no model_iter-10\.meta/,
    );
    await stored.close();
    forget(5);
    const recovering = estimatorOf(null, store).estimator.recover();
    await expect(recovering).rejects.toThrow(NotReadyError);
    await expect(recovering).rejects.toThrow(/no model_iter-10\.meta.*Pass the modelFn/);
  });

  it('records the same images as its code, for any batch size', async () => {
    const modelFn = modelOf(({ x }) => {
      summary.image('pictures', x.reshape([-1, 1, 1, 1]), { maxOutputs: 2 });
      summary.image('all', x.reshape([-1, 1, 1, 1]), { maxOutputs: Number.POSITIVE_INFINITY });
      return x;
    });
    const { estimator, store, ports } = await saved(modelFn);
    expect(ports.progress.log.filter((text) => text.includes('traced'))).toEqual([]);
    await estimator.train();
    await estimator.close();
    const { estimator: stored, ports: storedPorts } = estimatorOf(null, store);
    await stored.recover();
    await stored.setup(lineInputs);
    await stored.train();
    await stored.close();
    const second = ports.sinks.train.others.filter(({ step }) => step > 5);
    expect(storedPorts.sinks.train.others).toEqual(second);
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
    'uses their current values in execution %s',
    async (execution) => {
      const params = { factor: 1 };
      const ports = new MemoryPorts();
      const estimator = new Estimator({ modelFn, params, seed: 7, execution }, ports);
      await estimator.setup(lineInputs);
      params.factor = 3;
      const x = [[2]];
      expect((await estimator.predict({ x })).scaled).toEqual([[6]]);
      await estimator.train();
      const [first] = ports.sinks.train.losses;
      const freshPorts = new MemoryPorts();
      const fresh = new Estimator({ modelFn, params: { factor: 3 }, seed: 7 }, freshPorts);
      await fresh.setup(lineInputs);
      await fresh.train();
      expect(first?.value).toBe(freshPorts.sinks.train.losses[0]?.value);
      await estimator.saveCkpt();
      await Promise.all([estimator.close(), fresh.close()]);
      const { estimator: stored } = estimatorOf(null, ports.store);
      await stored.recover();
      expect((await stored.predict({ x })).scaled).toEqual([[6]]);
      await stored.close();
    },
  );
});

describe('a model function that replaces the graph', () => {
  it('is reported to differ in a constant, but not in a learning rate, which is an input', async () => {
    const store = new MemoryStore();
    const params = { optimizer: () => tf.train.adam(0.01), rate: 0.2 };
    const first = new Estimator({ modelFn: lineModelFn, params, seed: 7 }, new MemoryPorts(store));
    await first.setup(lineInputs);
    await first.train().saveCkpt();
    await first.close();
    const differences = async (changed: Partial<typeof params>) => {
      const ports = new MemoryPorts(store);
      const changedParams = { ...params, ...changed };
      const estimator = new Estimator(
        { modelFn: lineModelFn, params: changedParams, seed: 7 },
        ports,
      );
      await estimator.recover();
      await estimator.close();
      return ports.progress.log.filter((text) => text.includes('differs')).join();
    };
    expect(await differences({})).toBe('');
    expect(await differences({ optimizer: () => tf.train.adam(0.1) })).toBe('');
    expect(await differences({ rate: 0.5 })).toMatch(/it changes dropout.*\(Const\)/);
    expect(await differences({ rate: 0 })).toMatch(/it lacks [^;]*dropout\/RandomUniform/);
  });

  it('does not differ because each call creates a layer without variables anew', async () => {
    const modelFn = modelOf(({ x }) => layers.apply(tf.layers.gaussianNoise({ stddev: 1 }), x));
    const { estimator, store } = await saved(modelFn);
    await estimator.close();
    const { estimator: again, ports } = estimatorOf(modelFn, store);
    await again.recover();
    expect(ports.progress.log.filter((text) => text.includes('differs'))).toEqual([]);
    await again.close();
  });
});

describe('session.run', () => {
  it('computes an output by its name, from the prediction even if training has another of that name', async () => {
    const { estimator } = estimatorOf(
      modelOf(({ x }, training) => layers.dropout(x, { rate: 0.5, training })),
    );
    await estimator.setup(lineInputs);
    const feeds = { x: [[0.5], [1]] };
    const line = await estimator.session.run('line', feeds);
    expect(line.arraySync()).toEqual((await estimator.predict(feeds)).line);
    const loss = await estimator.session.run('loss', { ...feeds, y: [[1], [2]] });
    expect(loss.shape).toEqual([]);
    tf.dispose([line, loss]);
    await expect(estimator.session.run('line')).rejects.toThrow(/"x".*got no features/);
    await estimator.close();
  });

  it('rejects fetches that are not names, and feeds that are not a dictionary', async () => {
    const { estimator } = estimatorOf(lineModelFn);
    await estimator.setup(lineInputs);
    const run = estimator.session.run.bind(estimator.session) as (
      ...of: unknown[]
    ) => Promise<unknown>;
    for (const wrong of [[undefined], [3], [['line', null]], ['line', null], ['line', 'x']]) {
      await expect(run(...wrong)).rejects.toThrow(OptionError);
    }
    const x = tf.zeros([1, 1]);
    await expect(run('line', x)).rejects.toThrow(
      /feeds of session.run\(\).*got an instance of Tensor/,
    );
    x.dispose();
    await estimator.close();
  });
});

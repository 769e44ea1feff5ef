import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runner } from '../../test/model-function-runner';
import { ModelFnError, OutsideModelFnError } from '../errors';
import { getVariable } from '../scope/get-variable';
import { variableScope } from '../scope/model-call';
import * as layers from '.';

beforeAll(() => tf.setBackend('cpu'));

const image = () => tf.ones<tf.Rank.R4>([2, 8, 8, 3]);
const series = () => tf.ones<tf.Rank.R3>([2, 5, 4]);
describe('layers', () => {
  it('include every layer factory of tfjs-layers', () => {
    // Base classes, cells for layers.rnn(), and inputs of models are not functions of an input.
    const others = /Cell$|Cells$|^(Layer|RNN|RNNCell|input|inputLayer)$/;
    const factories = Object.keys(tf.layers).filter((name) => !others.test(name));
    expect(factories.filter((name) => !(name in layers))).toEqual([]);
    expect(factories.length).toBeGreaterThan(50);
  });

  it('create their variables in the first call, and reuse them later, under TensorFlow 1 names', () => {
    const { run, names } = runner();
    const model = () => {
      const a = layers.conv2d(image(), { filters: 2, kernelSize: 3 });
      const b = layers.conv2d(a, { filters: 2, kernelSize: 3 });
      const c = layers.batchNormalization(b);
      const d = layers.dense(layers.flatten(c), { units: 3 });
      return layers.dense(d, { units: 3, name: 'head' });
    };
    const first = run(model).dataSync();
    expect(run(model).dataSync()).toEqual(first);
    expect(names()).toEqual([
      'conv2d/kernel',
      'conv2d/bias',
      'conv2d_1/kernel',
      'conv2d_1/bias',
      'batch_normalization/gamma',
      'batch_normalization/beta',
      'batch_normalization/moving_mean',
      'batch_normalization/moving_variance',
      'dense/kernel',
      'dense/bias',
      'head/kernel',
      'head/bias',
    ]);
  });

  it('have names that do not depend on other layers of the process', () => {
    const once = () => {
      const { run, names } = runner();
      run(() => {
        layers.bidirectional(series(), {
          layer: tf.layers.gru({ units: 2, returnSequences: true }),
          mergeMode: 'concat',
        });
        layers.rnn(series(), {
          cell: [tf.layers.lstmCell({ units: 2 }), tf.layers.lstmCell({ units: 2 })],
        });
        layers.timeDistributed(series(), { layer: tf.layers.dense({ units: 2 }) });
        layers.prelu(series());
      });
      return names();
    };
    const first = once();
    expect(first).toContain('bidirectional/forward_gru/recurrent_kernel');
    expect(first).toContain('rnn/RNNCell_1/kernel');
    expect(first).toContain('time_distributed/kernel');
    expect(first).toContain('p_re_lu/alpha');
    expect(once()).toEqual(first);
  });

  it('start from values that follow from the seed', () => {
    const values = (seed: number) => {
      const { run, store } = runner(seed);
      run(() => {
        layers.dense(layers.flatten(image()), { units: 2 });
        layers.lstm(series(), { units: 2 });
        layers.separableConv2d(image(), { filters: 2, kernelSize: 3 });
        layers.bidirectional(series(), { layer: tf.layers.gru({ units: 2 }), mergeMode: 'concat' });
        layers.rnn(series(), { cell: [tf.layers.lstmCell({ units: 2 })] });
        layers.timeDistributed(series(), { layer: tf.layers.dense({ units: 2 }) });
        getVariable('free', { shape: [3, 2] });
      });
      return store.all().map(({ variable }) => [...variable.dataSync()]);
    };
    expect(values(5)).toEqual(values(5));
    expect(values(5)).not.toEqual(values(6));
  });

  it('draw different values from one initializer', () => {
    const { run, store } = runner();
    const kernelInitializer = tf.initializers.randomNormal({ stddev: 1 });
    run(() => {
      layers.dense(tf.ones([1, 3]), { units: 2, kernelInitializer });
      layers.dense(tf.ones([1, 3]), { units: 2, kernelInitializer });
    });
    const [first, second] = ['dense/kernel', 'dense_1/kernel'].map((name) =>
      store.get(name)?.variable.dataSync(),
    );
    expect(first).not.toEqual(second);
  });

  it('draw dense and convolution kernels from Glorot uniform, as TensorFlow does', () => {
    const { run, store } = runner();
    run(() => layers.dense(tf.ones([1, 100]), { units: 50 }));
    const kernel = store.get('dense/kernel')?.variable.dataSync() ?? [];
    const limit = Math.sqrt(6 / 150);
    expect(Math.max(...kernel)).toBeLessThanOrEqual(limit);
    expect(Math.max(...kernel)).toBeGreaterThan(0.95 * limit);
  });

  it('share variables only with "reuse"', () => {
    const { run, names } = runner();
    const twice = (reuse: boolean) => () => {
      const x = tf.ones([2, 3]);
      const a = layers.dense(x, { units: 2, name: 'shared' });
      const b = layers.dense(x, { units: 2, name: 'shared', reuse });
      return [a, b] as const;
    };
    expect(() => run(twice(false))).toThrow(ModelFnError);
    expect(() => run(() => layers.dense(tf.ones([2, 3]), { units: 2, reuse: true }))).toThrow(
      /layers\.dense\(\) with "reuse": expected the "name" of the layer to share, got no name/,
    );
    const [a, b] = run(twice(true));
    expect(a.dataSync()).toEqual(b.dataSync());
    expect(names()).toEqual(['shared/kernel', 'shared/bias']);
  });

  it('reject a configuration that changes from call to call', () => {
    const { run } = runner();
    const dense = (units: number) => () => layers.dense(tf.ones([2, 3]), { units });
    run(dense(2));
    expect(() => run(dense(3))).toThrow(/layer "dense".*"units":2.*"units":3/);
  });

  it('with variables are rejected once the model is built', () => {
    const { run } = runner();
    const x = tf.ones([2, 3]);
    run(() => layers.dense(x, { units: 2 }));
    const before = tf.memory().numTensors;
    const late = () =>
      tf.tidy(() => run(() => layers.dense(layers.dense(x, { units: 2 }), { units: 2 })));
    expect(late).toThrow(/"dense_1".*2 variables that setup\(\) created/);
    expect(late).toThrow(/"dense_1"/);
    expect(() => run(() => getVariable('late', { shape: [] }))).toThrow(/"late"/);
    expect(tf.memory().numTensors).toBe(before);
    expect(run(() => layers.softmax(x)).shape).toEqual([2, 3]);
  });

  it('accept batches of another size than the first', () => {
    const { run } = runner();
    const model = (rows: number) => () =>
      layers.timeDistributed(tf.ones([rows, 5, 4]), { layer: tf.layers.dense({ units: 2 }) });
    run(model(4));
    expect(run(model(1)).shape).toEqual([1, 5, 2]);
  });

  it('reject state that checkpoints would miss, and reserved names', () => {
    const { run } = runner();
    const stateful = () => layers.lstm(series(), { units: 2, stateful: true });
    expect(() => run(stateful)).toThrow(/"lstm".*stateful: true/);
    expect(() => run(() => getVariable('global_step', { shape: [] }))).toThrow(/"global_step"/);
  });

  it('free everything when a layer cannot be built', () => {
    const { run, names } = runner();
    const before = tf.memory().numTensors;
    const model = () => layers.conv2d(tf.ones([2, 3]), { filters: 2, kernelSize: 3 });
    expect(() => tf.tidy(() => run(model))).toThrow();
    expect(names()).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('throw outside a model function', () => {
    expect(() => layers.dense(tf.ones([2, 3]), { units: 1 })).toThrow(OutsideModelFnError);
    expect(() => layers.dropout(tf.ones([2, 3]), { rate: 0.5 })).toThrow(OutsideModelFnError);
  });

  it('normalize by the batch in training, and by moving averages otherwise', () => {
    const { run, store } = runner();
    const input = tf.tensor2d([
      [1, 10],
      [3, 30],
    ]);
    const model = () => layers.batchNormalization(input, { momentum: 0.5 });
    expect(run(model, { isTraining: true }).arraySync()).toEqual([
      [expect.closeTo(-1, 2), expect.closeTo(-1, 2)],
      [expect.closeTo(1, 2), expect.closeTo(1, 2)],
    ]);
    const mean = () =>
      store.get('batch_normalization/moving_mean')?.variable.arraySync() as number[];
    expect(mean()).toEqual([1, 10]);
    const before = mean();
    const [[inference]] = run(model).arraySync() as [[number]];
    expect(inference).toBeCloseTo(0, 1);
    expect(mean()).toEqual(before);
  });

  it('do not write into the options', () => {
    const { run } = runner();
    const options = { targetShape: [-1, 2] };
    const model = () => layers.reshape(series(), options);
    run(model);
    expect(run(model).shape).toEqual([2, 10, 2]);
    expect(options).toEqual({ targetShape: [-1, 2] });
  });

  it.each([undefined, 'tanh', 'relu'] as const)(
    'with dilations compute the same as tfjs-layers: conv2d with activation %s',
    (activation) => {
      const options = {
        filters: 2,
        kernelSize: 3,
        dilationRate: 2,
        padding: 'same',
        ...(activation && { activation }),
      } as const;
      const x = tf.linspace(-1, 1, 2 * 6 * 6 * 3).reshape<tf.Tensor4D>([2, 6, 6, 3]);
      const { run, store } = runner();
      const model = () => layers.conv2d(x, options);
      run(model);
      const reference = tf.layers.conv2d(options);
      reference.apply(x);
      const [kernel, bias] = store.all().map(({ variable }) => variable);
      if (!kernel || !bias) throw new Error('conv2d created no variables');
      bias.assign(tf.tensor1d([0.5, -0.5]));
      reference.setWeights([kernel, bias]);
      const actual = run(model);
      expect(actual.shape).toEqual([2, 6, 6, 2]);
      expect(actual.dataSync()).toEqual((reference.apply(x) as tf.Tensor).dataSync());
    },
  );

  it('can be frozen', () => {
    const { run, store } = runner();
    run(() => {
      layers.dense(tf.ones([2, 3]), { units: 2, trainable: false });
      layers.dense(tf.ones([2, 3]), { units: 2 });
    });
    const trainable = store.all().filter(({ isTrainable }) => isTrainable());
    expect(trainable.map(({ name }) => name)).toEqual(['dense_1/kernel', 'dense_1/bias']);
  });
});
describe('layers.apply', () => {
  it('takes a number in every call, so that layers after it keep their names', () => {
    const { run, names } = runner();
    const own = tf.layers.dense({ units: 2 });
    const model = () =>
      layers.dense(layers.apply(own, layers.apply(own, tf.ones([1, 2]))), { units: 3 });
    for (let call = 0; call < 3; call++) expect(run(model).shape).toEqual([1, 3]);
    expect(names()).toEqual(['dense/kernel', 'dense/bias', 'dense_1/kernel', 'dense_1/bias']);
  });

  it('accepts a model, with names that are the same in every process', () => {
    const make = () => {
      const model = tf.sequential();
      model.add(tf.layers.dense({ units: 2, inputShape: [3] }));
      model.add(tf.layers.dense({ units: 1 }));
      const { run, names, store } = runner();
      const output = run(() => layers.apply(model, tf.ones([2, 3])));
      return { model, names: names(), output, store, run };
    };
    const first = make();
    expect(first.names).toEqual([
      'sequential/dense/kernel',
      'sequential/dense/bias',
      'sequential/dense_1/kernel',
      'sequential/dense_1/bias',
    ]);
    expect(make().names).toEqual(first.names);
    const expected = first.model.predict(tf.ones([2, 3])) as tf.Tensor;
    expect(first.output.dataSync()).toEqual(expected.dataSync());
    expect(first.store.all().every(({ owned }) => !owned)).toBe(true);
    const inner = first.model.layers[0];
    if (inner) inner.trainable = false;
    expect(first.store.all().map(({ isTrainable }) => isTrainable())).toEqual([
      false,
      false,
      true,
      true,
    ]);
    first.store.dispose();
    expect(first.model.weights[0]?.read().isDisposed).toBe(false);
  });

  it('shares the variables of a model that is applied twice', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
    const { run, names } = runner();
    const x = tf.ones([2, 3]);
    const [a, b] = run(() => {
      const inner = model.layers[0] ?? model;
      return [layers.apply(model, x), layers.apply(model, x), layers.apply(inner, x)] as const;
    });
    expect(a.dataSync()).toEqual(b.dataSync());
    expect(names()).toEqual(['sequential/dense/kernel', 'sequential/dense/bias']);
  });

  it('rejects a layer that is created in each call', () => {
    const { run } = runner();
    const model = () => layers.apply(tf.layers.dense({ units: 1 }), tf.ones([2, 3]));
    expect(() => run(model)).toThrow(/"dense".*a new one in a later call/);
  });

  it('accepts a layer, under the name that its user chose', () => {
    const layer = tf.layers.dense({ units: 1, name: 'mine' });
    const { run, names } = runner();
    run(() => variableScope('outer', () => layers.apply(layer, tf.ones([2, 3]))));
    expect(names()).toEqual(['outer/mine/kernel', 'outer/mine/bias']);
  });
});
describe('noise layers', () => {
  const ones = () => tf.ones<tf.Rank.R2>([200, 50]);
  const noisy: [string, () => tf.Tensor][] = [
    ['dropout', () => layers.dropout(ones(), { rate: 0.3 })],
    ['gaussianNoise', () => layers.gaussianNoise(ones(), { stddev: 0.2 })],
    ['gaussianDropout', () => layers.gaussianDropout(ones(), { rate: 0.3 })],
    [
      'alphaDropout',
      () => layers.alphaDropout(tf.randomNormal([200, 50], 0, 1, 'float32', 4), { rate: 0.3 }),
    ],
    [
      'spatialDropout1d',
      () => layers.spatialDropout1d(tf.ones<tf.Rank.R3>([40, 5, 50]), { rate: 0.3 }),
    ],
  ];

  it.each(noisy)('%s does nothing outside training', (_, layer) => {
    const { run } = runner();
    expect(run(layer).dataSync()).toEqual(run(layer, { step: 1 }).dataSync());
  });

  it.each(noisy)(
    '%s preserves the mean in training, and draws new values in each step',
    (name, layer) => {
      const { run } = runner();
      const [a, b] = [1, 2].map((step) => run(layer, { isTraining: true, step }));
      expect(a?.mean().arraySync()).toBeCloseTo(name === 'alphaDropout' ? 0 : 1, 1);
      expect(a?.dataSync()).not.toEqual(b?.dataSync());
      expect(run(layer, { isTraining: true, step: 1 }).dataSync()).toEqual(a?.dataSync());
    },
  );

  it('alphaDropout also preserves the variance', () => {
    const { run } = runner();
    const values = run(
      () => layers.alphaDropout(tf.randomNormal([400, 100], 0, 1, 'float32', 4), { rate: 0.2 }),
      { isTraining: true },
    );
    expect(tf.moments(values).variance.arraySync()).toBeCloseTo(1, 1);
  });

  it('dropout sets the given share to zero, scales the rest, and accepts a noise shape', () => {
    const { run } = runner();
    const dropped = run(() => layers.dropout(ones(), { rate: 0.3 }), { isTraining: true });
    const values = [...dropped.dataSync()];
    const zeros = values.filter((value) => value === 0).length / values.length;
    expect(zeros).toBeCloseTo(0.3, 1);
    expect(new Set(values.map((value) => value.toFixed(4)))).toEqual(new Set(['0.0000', '1.4286']));
    const columns = run(() => layers.dropout(ones(), { rate: 0.5, noiseShape: [1, 50] }), {
      isTraining: true,
    });
    const [first] = columns.arraySync() as number[][];
    expect((columns.arraySync() as number[][]).every((row) => row.join() === first?.join())).toBe(
      true,
    );
  });

  it('reject a rate outside of [0, 1)', () => {
    const { run } = runner();
    expect(() => run(() => layers.dropout(ones(), { rate: 1 }))).toThrow(
      /option "rate" of layers\.dropout\(\): expected a number in \[0, 1\), got 1/,
    );
  });

  it('accept "training", which overrides the model function', () => {
    const { run } = runner();
    const layer = (training: boolean) => () => layers.dropout(ones(), { rate: 0.5, training });
    expect(run(layer(true)).min().arraySync()).toBe(0);
    expect(run(layer(false), { isTraining: true }).min().arraySync()).toBe(1);
  });
});

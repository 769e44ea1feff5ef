import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { ModelFnError, OutsideModelFnError } from '../errors';
import { getVariable } from '../scope/get-variable';
import { ModelCall, variableScope, withModelCall } from '../scope/model-call';
import { VariableStore } from '../scope/variable-store';
import * as layers from '.';

beforeAll(() => tf.setBackend('cpu'));

/** Runs a model function as the estimator does: a first call that builds the model, then a new call each time. */
const runner = (seed = 3) => {
  const store = new VariableStore(seed);
  let isBuilt = false;
  const run = <T>(fn: () => T, { isTraining = false, step = 0 } = {}): T => {
    const call = () => withModelCall(new ModelCall({ store, isTraining, seed: step }), fn);
    if (!isBuilt) {
      store.build(() => {
        tf.engine().startScope();
        try {
          call();
        } finally {
          tf.engine().endScope();
        }
      });
    }
    isBuilt = true;
    return call();
  };
  const names = () => store.all().map(({ name }) => name);
  return { store, run, names };
};

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

describe('documented outputs and variables', () => {
  const volume = () => tf.ones<tf.Rank.R5>([2, 6, 6, 6, 3]);
  const movie = () => tf.ones<tf.Rank.R5>([2, 5, 8, 8, 3]);
  const pair = () => [tf.ones([2, 5, 4]), tf.ones([2, 5, 4])];

  it.each<
    [name: string, layer: () => tf.Tensor, shape: number[], variables?: Record<string, number[]>]
  >([
    [
      'conv1d',
      () => layers.conv1d(series(), { filters: 7, kernelSize: 2 }),
      [2, 4, 7],
      { 'conv1d/kernel': [2, 4, 7], 'conv1d/bias': [7] },
    ],
    [
      'conv1d, channels first',
      () => layers.conv1d(series(), { filters: 7, kernelSize: 2, dataFormat: 'channelsFirst' }),
      [2, 3, 7],
    ],
    [
      'conv2d',
      () => layers.conv2d(image(), { filters: 7, kernelSize: [2, 3] }),
      [2, 7, 6, 7],
      { 'conv2d/kernel': [2, 3, 3, 7], 'conv2d/bias': [7] },
    ],
    [
      'conv2d, same',
      () => layers.conv2d(image(), { filters: 7, kernelSize: 2, strides: 3, padding: 'same' }),
      [2, 3, 3, 7],
    ],
    [
      'conv3d',
      () => layers.conv3d(volume(), { filters: 7, kernelSize: 2 }),
      [2, 5, 5, 5, 7],
      { 'conv3d/kernel': [2, 2, 2, 3, 7], 'conv3d/bias': [7] },
    ],
    [
      'conv2dTranspose',
      () => layers.conv2dTranspose(image(), { filters: 7, kernelSize: 3, strides: 2 }),
      [2, 17, 17, 7],
      { 'conv2d_transpose/kernel': [3, 3, 7, 3], 'conv2d_transpose/bias': [7] },
    ],
    [
      'conv3dTranspose',
      () =>
        layers.conv3dTranspose(volume(), {
          filters: 7,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
        }),
      [2, 12, 12, 12, 7],
      { 'conv3d_transpose/kernel': [3, 3, 3, 7, 3], 'conv3d_transpose/bias': [7] },
    ],
    [
      'depthwiseConv2d',
      () => layers.depthwiseConv2d(image(), { kernelSize: 2, depthMultiplier: 2 }),
      [2, 7, 7, 6],
      { 'depthwise_conv2d/depthwise_kernel': [2, 2, 3, 2], 'depthwise_conv2d/bias': [6] },
    ],
    [
      'separableConv2d',
      () => layers.separableConv2d(image(), { filters: 7, kernelSize: 2 }),
      [2, 7, 7, 7],
      {
        'separable_conv2d/depthwise_kernel': [2, 2, 3, 1],
        'separable_conv2d/pointwise_kernel': [1, 1, 3, 7],
        'separable_conv2d/bias': [7],
      },
    ],
    ['averagePooling1d', () => layers.averagePooling1d(series()), [2, 2, 4], {}],
    ['averagePooling2d', () => layers.averagePooling2d(image()), [2, 4, 4, 3], {}],
    ['averagePooling3d', () => layers.averagePooling3d(volume()), [2, 3, 3, 3, 3], {}],
    ['maxPooling1d', () => layers.maxPooling1d(series()), [2, 2, 4], {}],
    [
      'maxPooling2d',
      () => layers.maxPooling2d(image(), { poolSize: 3, padding: 'same' }),
      [2, 3, 3, 3],
      {},
    ],
    ['maxPooling3d', () => layers.maxPooling3d(volume()), [2, 3, 3, 3, 3], {}],
    ['globalAveragePooling1d', () => layers.globalAveragePooling1d(series()), [2, 4], {}],
    ['globalAveragePooling2d', () => layers.globalAveragePooling2d(image()), [2, 3], {}],
    ['globalMaxPooling1d', () => layers.globalMaxPooling1d(series()), [2, 4], {}],
    ['globalMaxPooling2d', () => layers.globalMaxPooling2d(image()), [2, 3], {}],
    [
      'dense',
      () => layers.dense(series(), { units: 7 }),
      [2, 5, 7],
      { 'dense/kernel': [4, 7], 'dense/bias': [7] },
    ],
    [
      'embedding',
      () => layers.embedding(tf.ones([2, 5], 'int32'), { inputDim: 3, outputDim: 7 }),
      [2, 5, 7],
      { 'embedding/embeddings': [3, 7] },
    ],
    ['masking', () => layers.masking(series()), [2, 5, 4], {}],
    ['flatten', () => layers.flatten(image()), [2, 192], {}],
    ['permute', () => layers.permute(series(), { dims: [2, 1] }), [2, 4, 5], {}],
    ['repeatVector', () => layers.repeatVector(tf.ones([2, 4]), { n: 5 }), [2, 5, 4], {}],
    ['reshape', () => layers.reshape(series(), { targetShape: [-1, 2] }), [2, 10, 2], {}],
    [
      'cropping2D',
      () =>
        layers.cropping2D(image(), {
          cropping: [
            [1, 2],
            [0, 1],
          ],
        }),
      [2, 5, 7, 3],
      {},
    ],
    ['upSampling2d', () => layers.upSampling2d(image()), [2, 16, 16, 3], {}],
    ['zeroPadding2d', () => layers.zeroPadding2d(image()), [2, 10, 10, 3], {}],
    ['activation', () => layers.activation(series(), { activation: 'softmax' }), [2, 5, 4], {}],
    ['elu', () => layers.elu(series()), [2, 5, 4], {}],
    ['leakyReLU', () => layers.leakyReLU(series()), [2, 5, 4], {}],
    [
      'prelu',
      () => layers.prelu(image(), { sharedAxes: [1, 2] }),
      [2, 8, 8, 3],
      { 'p_re_lu/alpha': [1, 1, 3] },
    ],
    ['reLU', () => layers.reLU(series()), [2, 5, 4], {}],
    ['softmax', () => layers.softmax(series(), { axis: -1 }), [2, 5, 4], {}],
    ['thresholdedReLU', () => layers.thresholdedReLU(series()), [2, 5, 4], {}],
    [
      'batchNormalization',
      () => layers.batchNormalization(series()),
      [2, 5, 4],
      {
        'batch_normalization/gamma': [4],
        'batch_normalization/beta': [4],
        'batch_normalization/moving_mean': [4],
        'batch_normalization/moving_variance': [4],
      },
    ],
    [
      'layerNormalization',
      () => layers.layerNormalization(series(), { axis: [1, 2] }),
      [2, 5, 4],
      { 'layer_normalization/gamma': [5, 4], 'layer_normalization/beta': [5, 4] },
    ],
    ['add', () => layers.add([tf.ones([2, 5, 4]), tf.ones([2, 4])]), [2, 5, 4], {}],
    ['average', () => layers.average(pair()), [2, 5, 4], {}],
    ['concatenate', () => layers.concatenate(pair()), [2, 5, 8], {}],
    [
      'dot',
      () => layers.dot([tf.ones([2, 5, 4]), tf.ones([2, 4, 3])], { axes: [2, 1] }),
      [2, 5, 3],
      {},
    ],
    [
      'dot of vectors',
      () => layers.dot([tf.ones([2, 4]), tf.ones([2, 4])], { axes: 1 }),
      [2, 1],
      {},
    ],
    ['maximum', () => layers.maximum(pair()), [2, 5, 4], {}],
    ['minimum', () => layers.minimum(pair()), [2, 5, 4], {}],
    ['multiply', () => layers.multiply(pair()), [2, 5, 4], {}],
    [
      'gru',
      () => layers.gru([series(), tf.ones([2, 7])], { units: 7 }),
      [2, 7],
      { 'gru/kernel': [4, 21], 'gru/recurrent_kernel': [7, 21], 'gru/bias': [21] },
    ],
    [
      'lstm',
      () => layers.lstm([series(), tf.ones([2, 7]), tf.ones([2, 7])], { units: 7 }),
      [2, 7],
      { 'lstm/kernel': [4, 28], 'lstm/recurrent_kernel': [7, 28], 'lstm/bias': [28] },
    ],
    [
      'simpleRNN',
      () => layers.simpleRNN(series(), { units: 7, returnSequences: true }),
      [2, 5, 7],
      {
        'simple_rnn/kernel': [4, 7],
        'simple_rnn/recurrent_kernel': [7, 7],
        'simple_rnn/bias': [7],
      },
    ],
    [
      'rnn',
      () =>
        layers.rnn(series(), {
          cell: [tf.layers.simpleRNNCell({ units: 3 }), tf.layers.simpleRNNCell({ units: 2 })],
        }),
      [2, 2],
      {
        'rnn/RNNCell_0/kernel': [4, 3],
        'rnn/RNNCell_0/recurrent_kernel': [3, 3],
        'rnn/RNNCell_0/bias': [3],
        'rnn/RNNCell_1/kernel': [3, 2],
        'rnn/RNNCell_1/recurrent_kernel': [2, 2],
        'rnn/RNNCell_1/bias': [2],
      },
    ],
    [
      'convLstm2d',
      () => layers.convLstm2d(movie(), { filters: 7, kernelSize: 2 }),
      [2, 7, 7, 7],
      {
        'conv_lstm2d/kernel': [2, 2, 3, 28],
        'conv_lstm2d/recurrent_kernel': [2, 2, 7, 28],
        'conv_lstm2d/bias': [28],
      },
    ],
    [
      'bidirectional',
      () =>
        layers.bidirectional(series(), {
          layer: tf.layers.simpleRNN({ units: 3, useBias: false }),
        }),
      [2, 6],
      {
        'bidirectional/forward_simple_rnn/kernel': [4, 3],
        'bidirectional/forward_simple_rnn/recurrent_kernel': [3, 3],
        'bidirectional/backward_simple_rnn/kernel': [4, 3],
        'bidirectional/backward_simple_rnn/recurrent_kernel': [3, 3],
      },
    ],
    [
      'timeDistributed',
      () =>
        layers.timeDistributed(movie(), { layer: tf.layers.conv2d({ filters: 7, kernelSize: 2 }) }),
      [2, 5, 7, 7, 7],
      { 'time_distributed/kernel': [2, 2, 3, 7], 'time_distributed/bias': [7] },
    ],
    [
      'categoryEncoding',
      () => layers.categoryEncoding(tf.ones([2, 3], 'int32'), { numTokens: 4 }),
      [2, 4],
      {},
    ],
    [
      'categoryEncoding of one example',
      () => layers.categoryEncoding(tf.ones([3], 'int32'), { numTokens: 4 }),
      [4],
      {},
    ],
    ['centerCrop', () => layers.centerCrop(image(), { height: 4, width: 2 }), [2, 4, 2, 3], {}],
    ['randomWidth', () => layers.randomWidth(image(), { factor: [0.5, 0.5] }), [2, 8, 12, 3], {}],
    ['rescaling', () => layers.rescaling(series(), { scale: 2 }), [2, 5, 4], {}],
    ['resizing', () => layers.resizing(image(), { height: 4, width: 2 }), [2, 4, 2, 3], {}],
  ])('%s', (_, layer, shape, variables) => {
    const { run, store } = runner();
    expect(run(layer).shape).toEqual(shape);
    if (variables === undefined) return;
    expect(
      Object.fromEntries(store.all().map(({ name, variable }) => [name, variable.shape])),
    ).toEqual(variables);
  });

  it('of an LSTM: the bias of the forget gate starts at 0, or at 1 with "unitForgetBias"', () => {
    const biasOf = (options: layers.LayerOptions<'lstm'>) => {
      const { run, store } = runner();
      run(() => layers.lstm(series(), options));
      return [...(store.get('lstm/bias')?.variable.dataSync() ?? [])];
    };
    expect(biasOf({ units: 1 })).toEqual([0, 0, 0, 0]);
    expect(biasOf({ units: 1, unitForgetBias: true })).toEqual([0, 1, 0, 0]);
  });

  it('of a recurrent layer: masked steps leave the state as it is', () => {
    const { run } = runner();
    const mask = tf.tensor2d([[1, 0, 0, 0, 0]], [1, 5], 'bool');
    const layer = (x: tf.Tensor, masked?: tf.Tensor) =>
      layers.simpleRNN(x, {
        units: 1,
        kernelInitializer: 'ones',
        mask: masked,
        name: 'shared',
        reuse: true,
      });
    const [all, first] = run(
      () => [layer(tf.ones([1, 5, 1]), mask), layer(tf.ones([1, 1, 1]))] as const,
    );
    expect(all.dataSync()).toEqual(first.dataSync());
  });

  it('are typed by the rank that is checked', () => {
    expectTypeOf(layers.conv2d).returns.toEqualTypeOf<tf.Tensor4D>();
    expectTypeOf(layers.globalMaxPool1d).returns.toEqualTypeOf<tf.Tensor2D>();
    const dense = () => layers.dense(series(), { units: 2 });
    expectTypeOf(dense).returns.toEqualTypeOf<tf.Tensor3D>();
    const misspelt = () =>
      // @ts-expect-error: an unknown option
      layers.conv2d(image(), { filters: 1, kernelSize: 1, stride: 2 });
    expectTypeOf(misspelt).returns.toEqualTypeOf<tf.Tensor4D>();
    // @ts-expect-error: a missing option
    expectTypeOf(layers.rescaling).toBeCallableWith(series(), {});
  });
});

describe('layers.apply', () => {
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

describe('variableScope and getVariable', () => {
  it('prefix names with a path, and number layers within it', () => {
    const { run, names } = runner();
    const model = () =>
      variableScope('encoder', () => {
        const x = layers.dense(tf.ones([2, 3]), { units: 2 });
        const scale = getVariable('scale', { shape: [], initializer: () => tf.scalar(2) });
        return variableScope('inner', () => layers.dense(x, { units: 2 })).mul(scale);
      });
    run(model);
    run(model);
    expect(names()).toEqual([
      'encoder/dense/kernel',
      'encoder/dense/bias',
      'encoder/scale',
      'encoder/inner/dense/kernel',
      'encoder/inner/dense/bias',
    ]);
  });

  it('share variables within a reused scope', () => {
    const { run, names } = runner();
    const tower = (reuse: boolean) =>
      variableScope(
        'tower',
        () => {
          const w = getVariable('w', { shape: [2, 2] });
          return layers.dense(tf.ones([1, 2]).matMul(w as tf.Tensor2D), { units: 2 });
        },
        { reuse },
      );
    const [a, b] = run(() => [tower(false), tower(true)] as const);
    expect(a.dataSync()).toEqual(b.dataSync());
    expect(names()).toEqual(['tower/w', 'tower/dense/kernel', 'tower/dense/bias']);
    expect(() => run(() => [tower(false), tower(false)])).toThrow(/variable "tower\/w".*second/);
  });

  it('reject another shape under the same name', () => {
    const { run } = runner();
    run(() => getVariable('v', { shape: [2] }));
    expect(() => run(() => getVariable('v', { shape: [3] }))).toThrow(/\[2\].*\[3\]/);
  });

  it('create integer variables that are not trainable', () => {
    const { run, store } = runner();
    const count = run(() => getVariable('count', { shape: [], dtype: 'int32' }));
    expect(count.dtype).toBe('int32');
    expect(store.all()[0]?.isTrainable()).toBe(false);
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

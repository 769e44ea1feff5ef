import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { runner } from '../../test/model-function-runner';
import * as layers from '.';

beforeAll(() => tf.setBackend('cpu'));

const image = () => tf.ones<tf.Rank.R4>([2, 8, 8, 3]);
const series = () => tf.ones<tf.Rank.R3>([2, 5, 4]);
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

import * as tf from '@tensorflow/tfjs';
import { applyLayer } from './apply-layer';
import { layerFunction } from './layer-arguments';
import { type LayerInput, type LayerOptions, ofRankOf } from './layer-types';

/**
 * A gated recurrent unit.
 *
 * `tf.keras.layers.GRU` as of TensorFlow 1: `recurrentActivation` is the hard sigmoid and the reset
 * gate is applied before the matrix product, where TensorFlow 2 has the sigmoid and `reset_after`.
 * `resetAfter: true` is not supported, nor is `stateful: true`.
 *
 * Variables: `gru/kernel` [channels, 3 · units], `gru/recurrent_kernel` [units, 3 · units], `gru/bias`
 * [3 · units].
 *
 * @param input [batch, steps, channels], float32, or [input, initialState], where the state is
 *   [batch, units]
 * @param options.units size of the output
 * @param options.returnSequences return the output of every step. Default: false
 * @param options.goBackwards process the steps in reverse order. Default: false
 * @param options.activation default: `'tanh'`
 * @param options.recurrentActivation default: `'hardSigmoid'`
 * @param options.useBias default: true
 * @param options.kernelInitializer default: `'glorotUniform'`, as in TensorFlow; tfjs-layers has
 *   `'glorotNormal'`
 * @param options.recurrentInitializer default: `'orthogonal'`
 * @param options.biasInitializer default: `'zeros'`
 * @param options.dropout share of the input to drop in training. Default: 0
 * @param options.recurrentDropout share of the state to drop in training. Default: 0
 * @param options.mask steps that count, [batch, steps]; at others, output and state stay as they were.
 *   Default: the mask of the input. With `returnSequences` it is passed on
 * @returns the last output [batch, units], float32; [batch, steps, units] with `returnSequences`
 * @throws ModelFnError for `stateful: true`
 */
export const gru = layerFunction(
  'gru',
  (input: LayerInput, options: LayerOptions<'gru'>): tf.Tensor =>
    applyLayer('gru', tf.layers.gru, input, options),
);

/**
 * Long short-term memory.
 *
 * `tf.keras.layers.LSTM` as of TensorFlow 1: `recurrentActivation` is the hard sigmoid, where
 * TensorFlow 2 has the sigmoid. Unlike both, the bias of the forget gate starts at 0: pass
 * `unitForgetBias: true` for 1. `stateful: true` is not supported.
 *
 * Variables: `lstm/kernel` [channels, 4 · units], `lstm/recurrent_kernel` [units, 4 · units],
 * `lstm/bias` [4 · units].
 *
 * @param input [batch, steps, channels], float32, or [input, initialOutput, initialCell], where the
 *   states are [batch, units]
 * @param options.units size of the output
 * @param options.returnSequences return the output of every step. Default: false
 * @param options.goBackwards process the steps in reverse order. Default: false
 * @param options.activation default: `'tanh'`
 * @param options.recurrentActivation default: `'hardSigmoid'`
 * @param options.useBias default: true
 * @param options.unitForgetBias start the bias of the forget gate at 1. Default: false
 * @param options.kernelInitializer default: `'glorotUniform'`, as in TensorFlow; tfjs-layers has
 *   `'glorotNormal'`
 * @param options.recurrentInitializer default: `'orthogonal'`
 * @param options.biasInitializer default: `'zeros'`
 * @param options.dropout share of the input to drop in training. Default: 0
 * @param options.recurrentDropout share of the state to drop in training. Default: 0
 * @param options.mask steps that count, [batch, steps]; at others, output and state stay as they were.
 *   Default: the mask of the input. With `returnSequences` it is passed on
 * @returns the last output [batch, units], float32; [batch, steps, units] with `returnSequences`
 * @throws ModelFnError for `stateful: true`
 *
 * @example
 * const encoded = layers.lstm(series, { units: 64, unitForgetBias: true });
 */
export const lstm = layerFunction(
  'lstm',
  (input: LayerInput, options: LayerOptions<'lstm'>): tf.Tensor =>
    applyLayer('lstm', tf.layers.lstm, input, options),
);

/**
 * A fully connected recurrent layer: output = activation(input · kernel + state · recurrentKernel +
 * bias), which is also the next state.
 *
 * `tf.keras.layers.SimpleRNN`. `stateful: true` is not supported.
 *
 * Variables: `simple_rnn/kernel` [channels, units], `simple_rnn/recurrent_kernel` [units, units],
 * `simple_rnn/bias` [units].
 *
 * @param input [batch, steps, channels], float32, or [input, initialState], where the state is
 *   [batch, units]
 * @param options.units size of the output
 * @param options.returnSequences return the output of every step. Default: false
 * @param options.goBackwards process the steps in reverse order. Default: false
 * @param options.activation default: `'tanh'`
 * @param options.useBias default: true
 * @param options.kernelInitializer default: `'glorotUniform'`, as in TensorFlow; tfjs-layers has
 *   `'glorotNormal'`
 * @param options.recurrentInitializer default: `'orthogonal'`
 * @param options.biasInitializer default: `'zeros'`
 * @param options.dropout share of the input to drop in training. Default: 0
 * @param options.recurrentDropout share of the state to drop in training. Default: 0
 * @param options.mask steps that count, [batch, steps]; at others, output and state stay as they were.
 *   Default: the mask of the input. With `returnSequences` it is passed on
 * @returns the last output [batch, units], float32; [batch, steps, units] with `returnSequences`
 * @throws ModelFnError for `stateful: true`
 */
export const simpleRNN = layerFunction(
  'simpleRNN',
  (input: LayerInput, options: LayerOptions<'simpleRNN'>): tf.Tensor =>
    applyLayer('simple_rnn', tf.layers.simpleRNN, input, options),
);

/**
 * Runs recurrent cells over the time steps: several cells are stacked.
 *
 * `tf.keras.layers.RNN`, `tf.nn.dynamic_rnn` of TensorFlow 1. `returnState` has no effect, since only
 * the output is returned. The kernels of cells are drawn from `'glorotNormal'`, the default of
 * tfjs-layers.
 *
 * Variables: those of the cell, such as `rnn/kernel`; for several, `rnn/RNNCell_0/kernel`,
 * `rnn/RNNCell_1/kernel`, ….
 *
 * @param input [batch, steps, channels], float32, or [input, …initialStates]
 * @param options.cell a cell such as `tf.layers.lstmCell({ units })`, or an array of cells. A new one
 *   in each call is fine: only that of the first call is used. A later change of its configuration
 *   goes unnoticed
 * @param options.returnSequences return the output of every step. Default: false
 * @param options.goBackwards process the steps in reverse order. Default: false
 * @param options.mask steps that count, [batch, steps]; at others, output and state stay as they were.
 *   Default: the mask of the input. With `returnSequences` it is passed on
 * @returns the last output [batch, units], float32; [batch, steps, units] with `returnSequences`
 * @throws ModelFnError for `stateful: true`
 *
 * @example
 * layers.rnn(series, { cell: [tf.layers.gruCell({ units: 8 }), tf.layers.gruCell({ units: 4 })] });
 */
export const rnn = layerFunction(
  'rnn',
  (input: LayerInput, options: LayerOptions<'rnn'>): tf.Tensor =>
    applyLayer('rnn', tf.layers.rnn, input, options),
);

/**
 * Long short-term memory with convolutions in place of matrix products, for series of images.
 *
 * `tf.keras.layers.ConvLSTM2D`. The bias of the forget gate starts at 0: pass `unitForgetBias: true`
 * for 1, the default of Keras. `stateful: true` is not supported.
 *
 * Variables: `conv_lstm2d/kernel` [rows, columns, channels, 4 · filters],
 * `conv_lstm2d/recurrent_kernel` [rows, columns, filters, 4 · filters], `conv_lstm2d/bias`
 * [4 · filters].
 *
 * @param input [batch, steps, rows, columns, channels], float32; channels before rows with
 *   `dataFormat: 'channelsFirst'`
 * @param options.filters number of output channels
 * @param options.kernelSize rows and columns of the window: one number or two
 * @param options.strides of the convolution of the input: one number or two. Default: 1
 * @param options.padding of the convolution of the input, `'valid'` or `'same'`. Default: `'valid'`
 * @param options.dataFormat default: `'channelsLast'`
 * @param options.returnSequences return the output of every step. Default: false
 * @param options.activation default: `'tanh'`
 * @param options.recurrentActivation default: `'hardSigmoid'`
 * @param options.useBias default: true
 * @param options.unitForgetBias start the bias of the forget gate at 1. Default: false
 * @param options.kernelInitializer default: `'glorotUniform'`, as in TensorFlow; tfjs-layers has
 *   `'glorotNormal'`
 * @param options.recurrentInitializer default: `'orthogonal'`
 * @param options.biasInitializer default: `'zeros'`
 * @param options.dropout share of the input to drop in training. Default: 0
 * @param options.recurrentDropout share of the state to drop in training. Default: 0
 * @param options.mask as for {@link lstm}
 * @returns the last output [batch, newRows, newColumns, filters], float32; with a dimension of steps
 *   after the batch with `returnSequences`
 * @throws ModelFnError for `stateful: true`
 */
export const convLstm2d = layerFunction(
  'convLstm2d',
  (input: LayerInput, options: LayerOptions<'convLstm2d'>): tf.Tensor =>
    applyLayer('conv_lstm2d', tf.layers.convLstm2d, input, options),
);

/**
 * Runs a recurrent layer forwards and a copy of it backwards, and merges the outputs.
 *
 * `tf.keras.layers.Bidirectional`. The kernels are drawn from `'glorotNormal'`, the default of
 * tfjs-layers. There is no option for another backward layer.
 *
 * Variables: those of the layer, such as `bidirectional/forward_gru/kernel` and
 * `bidirectional/backward_gru/kernel`.
 *
 * @param input [batch, steps, channels], float32
 * @param options.layer a recurrent layer such as `tf.layers.gru({ units })`. A new one in each call is
 *   fine: only that of the first call is used. A later change of its configuration goes unnoticed
 * @param options.mergeMode `'concat'` (twice the units), `'sum'`, `'mul'` or `'ave'`. Default:
 *   `'concat'`
 * @param options.mask as for {@link lstm}; with `returnSequences`, the outputs of other steps are 0
 * @returns [batch, units], float32; [batch, steps, units] if the layer has `returnSequences`. Twice the
 *   units with `'concat'`
 */
export const bidirectional = layerFunction(
  'bidirectional',
  (input: LayerInput, options: LayerOptions<'bidirectional'>): tf.Tensor =>
    applyLayer('bidirectional', tf.layers.bidirectional, input, options),
);

/**
 * Applies a layer to every time step, with the same variables.
 *
 * `tf.keras.layers.TimeDistributed`. The kernel is drawn from the default of tfjs-layers,
 * `'glorotNormal'`. `layers.dense` needs no wrapper: it applies to the last dimension.
 *
 * Variables: those of the layer, such as `time_distributed/kernel`.
 *
 * @param input [batch, steps, …], float32, of rank 3 or more
 * @param options.layer a layer such as `tf.layers.conv2d({ … })`. A new one in each call is fine: only
 *   that of the first call is used. A later change of its configuration goes unnoticed
 * @param options.mask [batch, steps], which is passed on; [batch, steps, …] is that of what is inside the
 *   steps, which the layer gets. Default: the mask of the input
 * @returns [batch, steps, …], float32: the layer's output for every step
 */
export const timeDistributed = layerFunction(
  'timeDistributed',
  (input: tf.Tensor, options: LayerOptions<'timeDistributed'>): tf.Tensor =>
    applyLayer('time_distributed', tf.layers.timeDistributed, input, options),
);

/**
 * Sets the time steps to zero whose features all equal a value.
 *
 * `tf.keras.layers.Masking`. The output has a mask: later layers skip these steps.
 *
 * @param input [batch, steps, …, features], float32
 * @param options.maskValue default: 0
 * @returns the same shape, float32
 */
export const masking = layerFunction(
  'masking',
  <R extends tf.Rank>(input: tf.Tensor<R>, options: LayerOptions<'masking'> = {}): tf.Tensor<R> =>
    ofRankOf(input, applyLayer('masking', tf.layers.masking, input, options)),
);

import * as tf from '@tensorflow/tfjs';
import { type InputSpec, scan } from '../../src';

/** A model of sequences of any length. */
export interface SequenceModel {
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /** Values, and the gradients of all variables, by name. */
  readonly fn: (inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>;
  /** The least length that the model takes; tfjs has no gradient of tf.unstack for one step. Default: 1. */
  readonly shortest?: number;
}

type Forward = (inputs: Record<string, tf.Tensor>) => tf.Tensor;

const withGradients =
  (forward: Forward): SequenceModel['fn'] =>
  (inputs) => {
    const output = forward(inputs);
    const loss = () => forward(inputs).square().mean() as tf.Scalar;
    const { value, grads } = tf.variableGrads(loss);
    return { output, value, ...grads };
  };

const input = ({ x }: Record<string, tf.Tensor>): tf.Tensor => x as tf.Tensor;

let made = 0;

const weights = (...shape: number[]): tf.Variable =>
  tf.tidy(() =>
    tf.variable(tf.randomUniform(shape, -0.5, 0.5, 'float32', 7 + made), true, `weights_${made++}`),
  );

const CHANNELS = 4;
const sequence: Readonly<Record<string, InputSpec>> = { x: { shape: [null, null, CHANNELS] } };

const layered = (
  layers: readonly tf.layers.Layer[],
  inputs = sequence,
  shortest = 1,
  options = {},
): SequenceModel => {
  const sample = Object.values(inputs).map(({ shape }) =>
    tf.zeros(shape.map((size, axis) => (typeof size === 'number' ? size : axis === 0 ? 1 : 16))),
  )[0] as tf.Tensor;
  const apply: Forward = (features) =>
    layers.reduce((x, layer) => layer.apply(x, options) as tf.Tensor, input(features));
  tf.dispose(tf.tidy(() => layers.reduce((x, layer) => layer.apply(x) as tf.Tensor, sample)));
  tf.dispose(sample);
  return { inputs, fn: withGradients(apply), shortest };
};

/** Causal attention of several heads, as Keras's MultiHeadAttention computes it. */
const attention = (heads = 2, depth = 3): SequenceModel => {
  const [query, key, value] = [0, 1, 2].map(() => weights(CHANNELS, heads, depth)) as [
    tf.Variable,
    tf.Variable,
    tf.Variable,
  ];
  const output = weights(heads, depth, CHANNELS);
  const positions = weights(64, CHANNELS);
  const forward: Forward = (features) =>
    tf.tidy(() => {
      const x = input(features);
      const [, length = 1] = x.shape;
      const placed = x.add(tf.gather(positions, tf.range(0, length, 1, 'int32')));
      const [q, k, v] = [query, key, value].map((projection) =>
        tf.einsum('btc,chd->bthd', placed, projection),
      ) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const scores = tf.einsum('bshd,bthd->bhts', k, q.mul(1 / Math.sqrt(depth)));
      const causal = tf.linalg.bandPart(tf.ones([length, length]), -1, 0);
      const masked = scores.add(causal.sub(1).mul(1e9));
      const attended = tf.einsum('bhts,bshd->bthd', tf.softmax(masked), v);
      return tf.einsum('bthd,hdc->btc', attended, output).add(placed);
    });
  return { inputs: sequence, fn: withGradients(forward) };
};

/** Tokens and a mask of the same length. */
const maskedMean = (): SequenceModel => {
  const table = weights(2, 5);
  const forward: Forward = ({ tokens, mask }) => {
    const embedded = tf.gather(table, tokens as tf.Tensor1D);
    const counts = (mask as tf.Tensor).expandDims(-1);
    return embedded.mul(counts).sum(1).div(counts.abs().sum(1).add(1));
  };
  return {
    inputs: { tokens: { shape: [null, null], dtype: 'int32' }, mask: { shape: [null, null] } },
    fn: withGradients(forward),
  };
};

/** Two sequences of different lengths. */
const crossAttention = (): SequenceModel => {
  const projection = weights(CHANNELS, CHANNELS);
  return {
    inputs: {
      x: { shape: [null, null, CHANNELS] },
      memory: { shape: [null, 'memory', CHANNELS] },
    },
    fn: withGradients(({ x, memory }) => {
      const queries = tf.einsum('btc,cd->btd', x as tf.Tensor, projection);
      const scores = tf.matMul(queries, memory as tf.Tensor3D, false, true);
      return tf.matMul(tf.softmax(scores), memory as tf.Tensor3D);
    }),
  };
};

const lstm = (options: Partial<Parameters<typeof tf.layers.lstm>[0]> = {}) =>
  tf.layers.lstm({ units: 3, unitForgetBias: false, ...options });

const masked = (): SequenceModel => {
  const layer = lstm({ returnSequences: true });
  layer.build([null, null, CHANNELS]);
  return {
    inputs: { ...sequence, mask: { shape: [null, null], dtype: 'bool' } },
    fn: withGradients(({ x, mask }) => layer.call(x as tf.Tensor, { mask }) as tf.Tensor),
  };
};

/** Called directly, since a time-distributed layer applies to the length that it was built with. */
const distributed = (): SequenceModel => {
  const layer = tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 3 }) });
  layer.build([null, null, CHANNELS]);
  return {
    inputs: sequence,
    fn: withGradients((features) => layer.call(input(features), {}) as tf.Tensor),
    shortest: 2,
  };
};

/** A recurrence of one's own: an exponential mean whose rate is learned. */
const exponentialMean = (): SequenceModel => {
  const rate = weights(CHANNELS);
  const step = (x: tf.Tensor, state: tf.Tensor) => state.add(x.sub(state).mul(rate));
  return {
    inputs: sequence,
    fn: withGradients((features) => {
      const x = input(features);
      const initial = tf.zeros([x.shape[0] ?? 1, CHANNELS]);
      const { output, states } = scan(
        ([current], [state]) => {
          const next = step(current as tf.Tensor, state as tf.Tensor);
          return { output: next.tanh(), states: [next] };
        },
        { inputs: [x], initialStates: [initial] },
      );
      return output.mean(1).add(states[0] as tf.Tensor);
    }),
  };
};

/** By name. Each call creates the model's variables. */
export const sequenceModels: Readonly<Record<string, () => SequenceModel>> = {
  'dense layers': () =>
    layered([tf.layers.dense({ units: 5, activation: 'relu' }), tf.layers.dense({ units: 2 })]),
  'causal attention': attention,
  'attention to another sequence': crossAttention,
  'a masked mean of embeddings': maskedMean,
  'layer normalization and a mean over time': () =>
    layered([tf.layers.layerNormalization(), tf.layers.globalAveragePooling1d({})]),
  convolutions: () =>
    layered(
      [
        tf.layers.conv1d({ filters: 3, kernelSize: 3, activation: 'relu' }),
        tf.layers.conv1d({ filters: 2, kernelSize: 3, padding: 'same', dilationRate: 1 }),
      ],
      sequence,
      3,
    ),
  'strided convolutions and pooling': () =>
    layered(
      [
        tf.layers.conv1d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }),
        tf.layers.maxPooling1d({ poolSize: 2 }),
        tf.layers.dense({ units: 2 }),
      ],
      sequence,
      4,
    ),
  'images of any size': () =>
    layered(
      [
        tf.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same', activation: 'relu' }),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.conv2d({ filters: 2, kernelSize: 2 }),
        tf.layers.globalAveragePooling2d({}),
      ],
      { x: { shape: [null, null, null, 1] } },
      5,
    ),
  'an LSTM': () => layered([lstm({ returnSequences: true })]),
  'the last output of two LSTMs': () =>
    layered([lstm({ returnSequences: true }), lstm()], sequence, 2),
  'a GRU that goes backwards': () =>
    layered([tf.layers.gru({ units: 3, goBackwards: true, returnSequences: true })]),
  'a bidirectional simple RNN': () =>
    layered([
      tf.layers.bidirectional({
        layer: tf.layers.simpleRNN({ units: 3, returnSequences: true }) as tf.RNN,
        mergeMode: 'concat',
      }),
    ]),
  'stacked cells': () =>
    layered([
      tf.layers.rnn({
        cell: [tf.layers.gruCell({ units: 3 }), tf.layers.lstmCell({ units: 2 })],
      }),
    ]),
  'an LSTM with dropout': () =>
    layered([lstm({ returnSequences: true, dropout: 0.3, recurrentDropout: 0.2 })], sequence, 1, {
      training: true,
    }),
  'a dense layer at each step': distributed,
  'a convolutional LSTM': () =>
    layered([tf.layers.convLstm2d({ filters: 2, kernelSize: 2, returnSequences: true })], {
      x: { shape: [null, null, 3, 3, 1] },
    }),
  'an LSTM with a mask': masked,
  'a recurrence of scan()': exponentialMean,
};

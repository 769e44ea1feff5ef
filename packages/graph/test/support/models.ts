import * as tf from '@tensorflow/tfjs';
import { type InputSpec, randomTensor, type TracedFunction } from '../../src';

/** Code to trace and to compare with its graph. */
export interface Model {
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly fn: TracedFunction;
  /** Integer inputs are below this. */
  readonly classes?: number;
  /** The code under a seed, for models that draw random numbers. */
  readonly seeded?: (seed: number) => TracedFunction;
}

/** A training step that returns its loss. */
const trainingStep =
  (optimizer: tf.Optimizer, loss: (inputs: Record<string, tf.Tensor>) => tf.Tensor) =>
  (inputs: Record<string, tf.Tensor>): tf.Tensor =>
    optimizer.minimize(() => loss(inputs) as tf.Scalar, true) as tf.Tensor;

type Inputs = Record<string, tf.Tensor>;

const input = (inputs: Inputs, name = 'x'): tf.Tensor => {
  const tensor = inputs[name];
  if (tensor === undefined) throw new RangeError(`No ${name}.`);
  return tensor;
};

const apply = (layer: tf.layers.Layer, x: tf.Tensor, training = false): tf.Tensor =>
  layer.apply(x, { training }) as tf.Tensor;

/** tfjs computes gradients only of variables that exist before. */
const built = <L extends tf.layers.Layer>(layer: L, inputShape: (number | null)[]): L => {
  layer.build(inputShape);
  return layer;
};

const crossEntropy = (labels: tf.Tensor, logits: tf.Tensor, classes: number): tf.Tensor =>
  tf.losses.softmaxCrossEntropy(tf.oneHot(labels, classes), logits);

const classified = (
  layers: () => tf.layers.Layer[],
  shape: readonly number[],
  optimizer: () => tf.Optimizer,
  dtype: tf.DataType = 'float32',
): Model => {
  const model = tf.sequential({ layers: layers() });
  return {
    inputs: { x: { shape: [null, ...shape], dtype }, y: { shape: [null], dtype: 'int32' } },
    classes: 3,
    fn: trainingStep(optimizer(), (inputs) =>
      crossEntropy(input(inputs, 'y'), apply(model, input(inputs), true), 3),
    ),
  };
};

/** The layers of the seed's CNN on a smaller picture, without its dropout. */
const cnn = (optimizer: () => tf.Optimizer): Model =>
  classified(
    () => [
      tf.layers.reshape({ targetShape: [8, 8, 1], inputShape: [64] }),
      tf.layers.conv2d({ filters: 4, kernelSize: 5, padding: 'same', activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }),
      tf.layers.conv2d({ filters: 6, kernelSize: 5, padding: 'same', activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 10, activation: 'relu' }),
      tf.layers.dense({ units: 3 }),
    ],
    [64],
    optimizer,
  );

const attention = (): Model => {
  const embedding = built(tf.layers.embedding({ inputDim: 7, outputDim: 8 }), [null, 5]);
  const projection = () => built(tf.layers.dense({ units: 8, useBias: false }), [null, 5, 8]);
  const [query, key, value] = [projection(), projection(), projection()];
  const head = built(tf.layers.dense({ units: 3 }), [null, 8]);
  const optimizer = tf.train.adam(0.01);
  const logits = (tokens: tf.Tensor): tf.Tensor => {
    const x = apply(embedding, tokens);
    const scores = tf.matMul(apply(query, x), apply(key, x), false, true);
    const mixed = tf.matMul(tf.softmax(scores.div(Math.sqrt(8))), apply(value, x));
    return apply(head, mixed.mean(1));
  };
  return {
    inputs: {
      x: { shape: [null, 5], dtype: 'int32' },
      y: { shape: [null], dtype: 'int32' },
    },
    classes: 3,
    fn: trainingStep(optimizer, (inputs) =>
      crossEntropy(input(inputs, 'y'), logits(input(inputs)), 3),
    ),
  };
};

const residual = (): Model => {
  const start = tf.input({ shape: [6, 6, 3] });
  const convolve = (x: tf.SymbolicTensor) =>
    tf.layers
      .conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu' })
      .apply(x) as tf.SymbolicTensor;
  const added = tf.layers.add().apply([start, convolve(convolve(start))]) as tf.SymbolicTensor;
  const normal = tf.layers.batchNormalization().apply(added) as tf.SymbolicTensor;
  const pooled = tf.layers.globalAveragePooling2d({}).apply(normal) as tf.SymbolicTensor;
  const output = tf.layers.dense({ units: 3 }).apply(pooled) as tf.SymbolicTensor;
  const model = tf.model({ inputs: start, outputs: output });
  return {
    inputs: { x: { shape: [null, 6, 6, 3] }, y: { shape: [null], dtype: 'int32' } },
    classes: 3,
    fn: trainingStep(tf.train.momentum(0.05, 0.9), (inputs) =>
      crossEntropy(input(inputs, 'y'), apply(model, input(inputs), true), 3),
    ),
  };
};

const variationalAutoencoder = (): Model => {
  const encoder = built(tf.layers.dense({ units: 8, activation: 'tanh' }), [null, 10]);
  const decoder = built(tf.layers.dense({ units: 10, activation: 'sigmoid' }), [null, 4]);
  const optimizer = tf.train.adam(0.01);
  const seeded = (seed: number) =>
    trainingStep(optimizer, (inputs) => {
      const x = input(inputs);
      const [mean, logVariance] = tf.split(apply(encoder, x), 2, 1) as [tf.Tensor, tf.Tensor];
      const noise = randomTensor({
        distribution: 'normal',
        shape: mean.shape,
        seed,
        index: 0,
      });
      const decoded = apply(decoder, mean.add(logVariance.div(2).exp().mul(noise)));
      const divergence = logVariance.add(1).sub(mean.square()).sub(logVariance.exp()).mean(1);
      const reconstruction = tf.losses.meanSquaredError(x, decoded);
      return reconstruction.sub(divergence.mean().mul(0.5));
    });
  return { inputs: { x: { shape: [null, 10] } }, fn: seeded(0), seeded };
};

const customGradient = (): Model => {
  const weights = tf.variable(tf.linspace(-1, 1, 12).reshape([4, 3]));
  const straightThrough = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor]);
    return {
      value: (x as tf.Tensor).round(),
      gradFunc: (dy, saved) => dy.mul((saved as tf.Tensor[])[0]?.abs().less(1).toFloat() ?? 0),
    };
  });
  return {
    inputs: { x: { shape: [null, 4] } },
    fn: trainingStep(tf.train.sgd(0.1), (inputs) =>
      straightThrough(tf.matMul(input(inputs), weights as tf.Tensor2D))
        .square()
        .mean(),
    ),
  };
};

const rowNumbers = ({ shape: [rows = 0] }: tf.Tensor) => tf.range(0, rows, 1, 'int32');

const gatherScatter = (): Model => {
  const table = tf.variable(tf.linspace(0, 1, 20).reshape([5, 4]));
  return {
    inputs: { x: { shape: [null, 4] }, ids: { shape: [null], dtype: 'int32' } },
    classes: 5,
    fn: (inputs) => {
      const ids = input(inputs, 'ids') as tf.Tensor1D;
      const x = input(inputs);
      const rows = tf.gather(table, ids);
      const loss = trainingStep(tf.train.sgd(0.1), () =>
        tf.gather(table, ids).sub(x).square().mean(),
      )(inputs);
      return {
        loss,
        scattered: tf.scatterND(ids.expandDims(1) as tf.Tensor2D, rows.add(x), [5, 4]),
        summed: tf.unsortedSegmentSum(x, ids, 5),
        chosen: tf.gatherND(x, tf.stack([rowNumbers(x), ids.minimum(tf.scalar(3, 'int32'))], 1)),
      };
    },
  };
};

/** Sizes that JavaScript computes from the batch size, as tfjs code does. */
const batchArithmetic = (): Model => ({
  inputs: { x: { shape: [null, 4] } },
  fn: (inputs) => {
    const x = input(inputs) as tf.Tensor2D;
    const batch = x.shape[0];
    const similarities = tf.matMul(x, x, false, true);
    return {
      flat: x.reshape([batch * 4]),
      pairs: similarities.reshape([batch * batch]),
      mean: x.sum().div(batch * 4),
      scaled: x.mul(1 / batch),
      others: similarities.sum().mul(1 / (batch * batch)),
      masked: similarities.mul(tf.notEqual(rowNumbers(x), rowNumbers(x).expandDims(1)).toFloat()),
      rows: tf.unstack(tf.transpose(x)).map((column) => column.sum()),
      tiled: tf.tile(tf.tensor2d([[1, 2, 3, 4]]), [batch, 1]).add(x),
      zeros: tf.zeros([batch, 2]).add(tf.ones([batch, 1])),
      filled: tf.fill([batch], 0.5),
      reversed: x.reverse(0).slice([0, 1], [batch, 2]),
      nested: { list: [x.max(), x.argMax(1)] },
    };
  },
});

/** A penalty on the gradient of a network with respect to its input. */
const gradientPenalty = (): Model => {
  const weights = tf.variable(tf.linspace(-1, 1, 8).reshape([4, 2]));
  const network = (x: tf.Tensor): tf.Tensor => x.matMul(weights).tanh().square().sum();
  return {
    inputs: { x: { shape: [null, 4] } },
    fn: trainingStep(tf.train.sgd(0.1), (inputs) => {
      const byInput = tf.grad(network)(input(inputs));
      return byInput.square().sum(1).sqrt().sub(1).square().mean();
    }),
  };
};

/** tfjs's gradient of the repeats adds in another order than the graph. */
export const layerNormalization = (): Model =>
  classified(
    () => [
      tf.layers.dense({ units: 6, inputShape: [3, 5] }),
      tf.layers.layerNormalization(),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3 }),
    ],
    [3, 5],
    sgd,
  );

const loaded = async (): Promise<Model> => {
  const made = tf.sequential({
    layers: [
      tf.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [5, 5, 1], activation: 'relu' }),
      tf.layers.depthwiseConv2d({ kernelSize: 2, padding: 'same' }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  let saved: tf.io.ModelArtifacts | undefined;
  await made.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    }),
  );
  const model = await tf.loadLayersModel(tf.io.fromMemory(saved as tf.io.ModelArtifacts));
  return {
    inputs: { x: { shape: [null, 5, 5, 1] } },
    fn: (inputs) => ({ probabilities: apply(model, input(inputs)) }),
  };
};

const recurrent = (layer: () => tf.layers.Layer): Model =>
  classified(
    () => [layer(), tf.layers.dense({ units: 3 })],
    [4, 5],
    () => tf.train.rmsprop(0.01, 0.9, 0.5),
  );

const sgd = () => tf.train.sgd(0.1);

/** Each call creates the model's variables. */
export const models: Readonly<Record<string, () => Model | Promise<Model>>> = {
  'the CNN with gradient descent': () => cnn(sgd),
  'the CNN with momentum': () => cnn(() => tf.train.momentum(0.1, 0.9)),
  'the CNN with Adam': () => cnn(() => tf.train.adam(0.01)),
  'the CNN with RMSProp': () => cnn(() => tf.train.rmsprop(0.01)),
  'a perceptron with Adagrad': () =>
    classified(
      () => [
        tf.layers.dense({ units: 8, activation: 'elu', inputShape: [6] }),
        tf.layers.dense({ units: 3 }),
      ],
      [6],
      () => tf.train.adagrad(0.1),
    ),
  'a perceptron with Adamax': () =>
    classified(
      () => [
        tf.layers.dense({ units: 8, activation: 'selu', inputShape: [6] }),
        tf.layers.dense({ units: 3 }),
      ],
      [6],
      () => tf.train.adamax(0.1),
    ),
  'batch normalization in training': () =>
    classified(
      () => [
        tf.layers.dense({ units: 8, inputShape: [6] }),
        tf.layers.batchNormalization(),
        tf.layers.reLU(),
        tf.layers.dense({ units: 3 }),
      ],
      [6],
      sgd,
    ),
  'an LSTM': () => recurrent(() => tf.layers.lstm({ units: 6, inputShape: [4, 5] })),
  'a GRU': () => recurrent(() => tf.layers.gru({ units: 6, inputShape: [4, 5] })),
  'a bidirectional simple RNN': () =>
    recurrent(() =>
      tf.layers.bidirectional({
        layer: tf.layers.simpleRNN({ units: 4 }) as tf.RNN,
        inputShape: [4, 5],
        mergeMode: 'concat',
      }),
    ),
  'an embedding with attention': attention,
  'depthwise and separable convolutions': () =>
    classified(
      () => [
        tf.layers.depthwiseConv2d({ kernelSize: 3, inputShape: [6, 6, 2], padding: 'same' }),
        tf.layers.separableConv2d({ filters: 3, kernelSize: 3, activation: 'relu' }),
        tf.layers.averagePooling2d({ poolSize: 2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3 }),
      ],
      [6, 6, 2],
      sgd,
    ),
  'transposed convolutions': () =>
    classified(
      () => [
        tf.layers.conv2dTranspose({
          filters: 3,
          kernelSize: 3,
          strides: 2,
          inputShape: [4, 4, 2],
          activation: 'relu',
        }),
        tf.layers.conv2d({ filters: 2, kernelSize: 3, strides: 2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 3 }),
      ],
      [4, 4, 2],
      sgd,
    ),
  'a residual net': residual,
  'a variational autoencoder': variationalAutoencoder,
  'a custom gradient': customGradient,
  'gather and scatter': gatherScatter,
  'a gradient of a gradient': gradientPenalty,
  'arithmetic on the batch size': batchArithmetic,
  'a loaded layers model': loaded,
};

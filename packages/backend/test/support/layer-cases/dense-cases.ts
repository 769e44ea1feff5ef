import * as tf from '@tensorflow/tfjs';
import { connect, inOrder, type LayerCase, type LayerCases } from './layer-case';

const { layers } = tf;
type Layer = tf.layers.Layer;

/** Two dense layers on the same input, merged. */
const merged = (make: () => Layer): LayerCase => ({
  input: [6],
  apply: (x) => {
    const [one, other] = [layers.dense({ units: 4 }), layers.dense({ units: 4 })];
    return connect(make(), connect(one, x), connect(other, x));
  },
});

/** A layer without weights after a dense one. */
const after = (make: () => Layer, input: readonly number[] = [6]): LayerCase => ({
  input,
  apply: inOrder(() => [layers.dense({ units: 4 }), make()]),
});

const random = (make: () => Layer, input?: readonly number[]): LayerCase => ({
  ...after(make, input),
  random: true,
});

export const denseCases: LayerCases = {
  dense: { input: [6], apply: inOrder(() => [layers.dense({ units: 4, activation: 'tanh' })]) },
  'dense on a sequence': { input: [5, 6], apply: inOrder(() => [layers.dense({ units: 4 })]) },
  embedding: {
    input: [5],
    integers: true,
    apply: inOrder(() => [layers.embedding({ inputDim: 10, outputDim: 3 })]),
  },
  batchNormalization: {
    input: [4, 4, 3],
    apply: inOrder(() => [
      layers.conv2d({ filters: 3, kernelSize: 2 }),
      layers.batchNormalization(),
    ]),
  },
  layerNormalization: after(() => layers.layerNormalization(), [5, 6]),
  add: merged(() => layers.add()),
  average: merged(() => layers.average()),
  concatenate: merged(() => layers.concatenate()),
  dot: merged(() => layers.dot({ axes: 1, normalize: true })),
  maximum: merged(() => layers.maximum()),
  minimum: merged(() => layers.minimum()),
  multiply: merged(() => layers.multiply()),
  activation: after(() => layers.activation({ activation: 'selu' })),
  elu: after(() => layers.elu()),
  leakyReLU: after(() => layers.leakyReLU()),
  prelu: after(() => layers.prelu({ alphaInitializer: 'ones' })),
  reLU: after(() => layers.reLU({ maxValue: 6 })),
  softmax: after(() => layers.softmax()),
  thresholdedReLU: after(() => layers.thresholdedReLU({ theta: 0.1 })),
  dropout: random(() => layers.dropout({ rate: 0.3 })),
  spatialDropout1d: random(() => layers.spatialDropout1d({ rate: 0.3 }), [5, 6]),
  gaussianDropout: random(() => layers.gaussianDropout({ rate: 0.3 })),
  gaussianNoise: random(() => layers.gaussianNoise({ stddev: 0.1 })),
  alphaDropout: random(() => layers.alphaDropout({ rate: 0.1 })),
  flatten: after(() => layers.flatten(), [5, 6]),
  permute: after(() => layers.permute({ dims: [2, 1] }), [4, 3]),
  repeatVector: after(() => layers.repeatVector({ n: 3 })),
  reshape: after(() => layers.reshape({ targetShape: [2, 2] })),
};

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { values } from './support/values';
import { distance, startWasm } from './support/wasm';

beforeAll(async () => {
  await startWasm();
  // tfjs's check for leaks takes the tensors that a gradient keeps, and those that change backends, for leaks.
  tf.env().set('IS_TEST', false);
});

const { layers } = tf;
type Layer = tf.layers.Layer;

const batch = 4;

/** Layers that train, or that a gradient passes, each with the shape of one of its inputs. */
const cases: Readonly<Record<string, { readonly input: number[]; readonly make: () => Layer[] }>> =
  {
    dense: { input: [6], make: () => [layers.dense({ units: 4, activation: 'tanh' })] },
    'dense on a sequence': { input: [5, 6], make: () => [layers.dense({ units: 4 })] },
    conv1d: { input: [9, 3], make: () => [layers.conv1d({ filters: 4, kernelSize: 3 })] },
    conv2d: {
      input: [8, 7, 3],
      make: () => [
        layers.conv2d({
          filters: 4,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          activation: 'relu',
        }),
      ],
    },
    'conv2d with channels first': {
      input: [3, 8, 7],
      make: () => [layers.conv2d({ filters: 4, kernelSize: 3, dataFormat: 'channelsFirst' })],
    },
    conv2dTranspose: {
      input: [4, 4, 3],
      make: () => [
        layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' }),
      ],
    },
    conv3d: { input: [4, 4, 4, 2], make: () => [layers.conv3d({ filters: 3, kernelSize: 2 })] },
    separableConv2d: {
      input: [7, 7, 3],
      make: () => [layers.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2 })],
    },
    depthwiseConv2d: {
      input: [7, 7, 3],
      make: () => [layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same' })],
    },
    maxPooling1d: {
      input: [8, 3],
      make: () => [layers.conv1d({ filters: 3, kernelSize: 2 }), layers.maxPooling1d({})],
    },
    maxPooling2d: {
      input: [7, 7, 2],
      make: () => [
        layers.conv2d({ filters: 3, kernelSize: 2 }),
        layers.maxPooling2d({ poolSize: 3, strides: 2 }),
      ],
    },
    maxPooling3d: {
      input: [5, 5, 5, 2],
      make: () => [layers.conv3d({ filters: 2, kernelSize: 2 }), layers.maxPooling3d({})],
    },
    averagePooling1d: {
      input: [8, 3],
      make: () => [layers.conv1d({ filters: 3, kernelSize: 2 }), layers.averagePooling1d({})],
    },
    averagePooling2d: {
      input: [7, 7, 2],
      make: () => [
        layers.conv2d({ filters: 3, kernelSize: 2 }),
        layers.averagePooling2d({ poolSize: 2 }),
      ],
    },
    averagePooling3d: {
      input: [5, 5, 5, 2],
      make: () => [layers.conv3d({ filters: 2, kernelSize: 2 }), layers.averagePooling3d({})],
    },
    globalPooling: {
      input: [6, 6, 2],
      make: () => [layers.conv2d({ filters: 3, kernelSize: 2 }), layers.globalAveragePooling2d({})],
    },
    globalMaxPooling: {
      input: [6, 6, 2],
      make: () => [layers.conv2d({ filters: 3, kernelSize: 2 }), layers.globalMaxPooling2d({})],
    },
    batchNormalization: {
      input: [4, 4, 3],
      make: () => [layers.conv2d({ filters: 3, kernelSize: 2 }), layers.batchNormalization()],
    },
    layerNormalization: {
      input: [5, 6],
      make: () => [layers.dense({ units: 4 }), layers.layerNormalization()],
    },
    embedding: { input: [5], make: () => [layers.embedding({ inputDim: 10, outputDim: 3 })] },
    simpleRNN: { input: [5, 3], make: () => [layers.simpleRNN({ units: 4 })] },
    lstm: { input: [5, 3], make: () => [layers.lstm({ units: 4, returnSequences: true })] },
    gru: { input: [5, 3], make: () => [layers.gru({ units: 4 })] },
    bidirectional: {
      input: [4, 3],
      make: () => [
        layers.bidirectional({ layer: layers.gru({ units: 2 }) as tf.RNN, mergeMode: 'concat' }),
      ],
    },
    convLstm2d: {
      input: [3, 5, 5, 2],
      make: () => [layers.convLstm2d({ filters: 2, kernelSize: 3 })],
    },
    timeDistributed: {
      input: [3, 6],
      make: () => [layers.timeDistributed({ layer: layers.dense({ units: 4 }) })],
    },
    prelu: {
      input: [6],
      make: () => [layers.dense({ units: 4 }), layers.prelu({ alphaInitializer: 'ones' })],
    },
    leakyReLU: { input: [6], make: () => [layers.dense({ units: 4 }), layers.leakyReLU()] },
    upSampling2d: {
      input: [4, 4, 2],
      make: () => [layers.conv2d({ filters: 2, kernelSize: 2 }), layers.upSampling2d({})],
    },
    zeroPadding2d: {
      input: [4, 4, 2],
      make: () => [layers.conv2d({ filters: 2, kernelSize: 2 }), layers.zeroPadding2d({})],
    },
    cropping2D: {
      input: [6, 6, 2],
      make: () => [
        layers.conv2d({ filters: 2, kernelSize: 2 }),
        layers.cropping2D({ cropping: [1, 1] }),
      ],
    },
    permute: {
      input: [4, 3],
      make: () => [layers.dense({ units: 4 }), layers.permute({ dims: [2, 1] })],
    },
    repeatVector: {
      input: [4],
      make: () => [layers.dense({ units: 4 }), layers.repeatVector({ n: 3 })],
    },
    masking: {
      input: [4, 3],
      make: () => [layers.masking({ maskValue: 0 }), layers.lstm({ units: 3 })],
    },
  };

const activations = [
  'elu',
  'hardSigmoid',
  'linear',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'tanh',
  'swish',
  'mish',
  'gelu',
  'gelu_new',
] as const;

interface Step {
  readonly variables: tf.Variable[];
  readonly loss: () => tf.Scalar;
}

const stepOf = (input: number[], make: () => Layer[]): Step => {
  const [first, ...rest] = make();
  if (first === undefined) throw new Error('a case without a layer');
  const source = tf.input({ shape: input });
  let symbol = first.apply(source) as tf.SymbolicTensor;
  for (const layer of rest) symbol = layer.apply(symbol) as tf.SymbolicTensor;
  if (symbol.rank > 2) symbol = layers.flatten().apply(symbol) as tf.SymbolicTensor;
  const head = layers.dense({ units: 2 }).apply(symbol) as tf.SymbolicTensor;
  const whole = tf.model({ inputs: source, outputs: head });
  const integers = first.getClassName() === 'Embedding';
  const x = tf.keep(
    tf.tidy(() => {
      const raw = values(5, [batch, ...input]);
      return integers ? tf.floor(tf.mul(tf.abs(raw), 10)) : raw;
    }),
  );
  const y = tf.keep(values(6, [batch, 2]));
  return {
    // Variable is what a weight's value is read from; tfjs-layers types it as its own class.
    variables: whole.trainableWeights.map(
      (weight) => (weight as unknown as { val: tf.Variable }).val,
    ),
    loss: () =>
      tf.losses.meanSquaredError(y, whole.apply(x, { training: true }) as tf.Tensor) as tf.Scalar,
  };
};

const gradientsOn = async (backend: string, { variables, loss }: Step) => {
  await tf.setBackend(backend);
  return tf.tidy(() => {
    const { value, grads } = tf.variableGrads(loss, variables);
    const read = variables.map(({ name }) => [...(grads[name]?.dataSync() ?? [])]);
    return { loss: value.dataSync()[0] ?? Number.NaN, gradients: read };
  });
};

/** Layers whose gradient is wrong on cpu: that of its ResizeNearestNeighbor is not the adjoint. */
const wrongOnCpu: readonly string[] = ['upSampling2d'];

const expectGradientsAsOnCpu = async (step: Step): Promise<void> => {
  const expected = await gradientsOn('cpu', step);
  const actual = await gradientsOn('wasm', step);
  expect(actual.loss).toBeCloseTo(expected.loss, 4);
  actual.gradients.forEach((gradient, index) => {
    expect(gradient.length).toBeGreaterThan(0);
    expect(distance(gradient, expected.gradients[index] ?? [])).toBeLessThan(1e-4);
  });
};

const expectToTrain = async (step: Step): Promise<void> => {
  await tf.setBackend('wasm');
  const optimizer = tf.train.adam(0.01);
  const minimize = () => {
    const loss = optimizer.minimize(step.loss, true, step.variables);
    const [value = Number.NaN] = loss?.dataSync() ?? [];
    loss?.dispose();
    return value;
  };
  const first = minimize();
  const before = tf.memory().numTensors;
  let last = first;
  for (let count = 0; count < 15; count++) last = minimize();
  expect(tf.memory().numTensors).toBe(before);
  expect(last).toBeLessThan(first);
  optimizer.dispose();
};

describe('on wasm, a net trains with', () => {
  it.each(Object.keys(cases))('%s', async (name) => {
    const { input, make } = cases[name] ?? { input: [], make: () => [] };
    const step = stepOf(input, make);
    if (!wrongOnCpu.includes(name)) await expectGradientsAsOnCpu(step);
    await expectToTrain(step);
  });

  it.each(activations)('the activation %s', async (activation) => {
    const step = stepOf([6], () => [layers.dense({ units: 5, activation })]);
    await expectGradientsAsOnCpu(step);
    await expectToTrain(step);
  });
});

describe('on wasm, the gradient of a loss is that of cpu:', () => {
  type Loss = (labels: tf.Tensor, predictions: tf.Tensor) => tf.Tensor;
  const losses: Readonly<Record<string, Loss>> = {
    absoluteDifference: (y, x) => tf.losses.absoluteDifference(y, x),
    cosineDistance: (y, x) => tf.losses.cosineDistance(y, x, 1),
    hingeLoss: (y, x) => tf.losses.hingeLoss(tf.step(y), x),
    huberLoss: (y, x) => tf.losses.huberLoss(y, x, undefined, 0.5),
    logLoss: (y, x) => tf.losses.logLoss(tf.step(y), tf.sigmoid(x)),
    meanSquaredError: (y, x) => tf.losses.meanSquaredError(y, x),
    sigmoidCrossEntropy: (y, x) => tf.losses.sigmoidCrossEntropy(tf.step(y), x),
    softmaxCrossEntropy: (y, x) => tf.losses.softmaxCrossEntropy(tf.softmax(y), x),
    categoricalCrossentropy: (y, x) =>
      tf.metrics.categoricalCrossentropy(tf.softmax(y), tf.softmax(x)),
    binaryCrossentropy: (y, x) => tf.metrics.binaryCrossentropy(tf.step(y), tf.sigmoid(x)),
  };
  it.each(Object.keys(losses))('%s', async (name) => {
    const loss = losses[name];
    if (loss === undefined) throw new Error('a case without a loss');
    const results: number[][] = [];
    for (const backend of ['cpu', 'wasm']) {
      await tf.setBackend(backend);
      results.push(
        tf.tidy(() => {
          const [y, x] = [values(1, [5, 4]), values(2, [5, 4])];
          return [
            ...tf
              .grad((logits) => loss(y, logits))(x)
              .dataSync(),
          ];
        }),
      );
    }
    const [expected = [], actual = []] = results;
    expect(distance(actual, expected)).toBeLessThan(1e-5);
  });
});

// Operations on which stock wasm returned wrong numbers or overwrote memory.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { runKernel } from '../src/tfjs-internals';
import { expectAsOnCpu, startWasm } from './support/wasm';

beforeAll(startWasm);

const mask = () => tf.tensor1d([1, 0, 0, 1, 1], 'bool');
const other = () => tf.tensor1d([0, 0, 1, 1, 0], 'bool');
const integers = () => tf.tensor2d([5, -7, 3, 0, 9, -2], [2, 3], 'int32');

describe('bool', () => {
  it.each<[string, () => tf.Tensor]>([
    ['where', () => tf.where(other(), mask(), other())],
    ['reverse', () => tf.reverse(mask())],
    ['abs', () => tf.abs(mask())],
    ['relu', () => tf.relu(mask())],
    ['sign', () => tf.sign(mask())],
    ['square', () => tf.square(mask())],
    ['topk', () => tf.topk(mask(), 3).values],
    ['stridedSlice', () => tf.stridedSlice(mask(), [0], [5], [2])],
    ['maximum', () => tf.maximum(mask(), other())],
  ])('%s', (_, run) => expectAsOnCpu(run));

  it('neg is true where its input is', async () => {
    await tf.setBackend('wasm');
    expect([...tf.neg(mask()).dataSync()]).toEqual([1, 0, 0, 1, 1]);
  });
});

describe('int32', () => {
  it.each<[string, () => tf.Tensor]>([
    ['stridedSlice', () => tf.stridedSlice(integers(), [0, 0], [2, 3], [1, 2])],
    ['clipByValue', () => tf.clipByValue(integers(), -3, 4)],
    ['prelu', () => tf.prelu(integers() as tf.Tensor, tf.tensor1d([2, 3, 4], 'int32'))],
    ['mod by 0', () => tf.mod(integers(), tf.tensor1d([2, 0, 4], 'int32'))],
    ['floorDiv by 0', () => tf.floorDiv(integers(), tf.tensor1d([2, 0, 4], 'int32'))],
    [
      'where of float32 and int32',
      () => tf.where(tf.greater(integers(), 1), tf.ones([2, 3]), integers()),
    ],
    ['maxPool', () => tf.maxPool(integers().reshape([1, 2, 3, 1]) as tf.Tensor4D, 2, 1, 'same')],
  ])('%s', (_, run) => expectAsOnCpu(run));
});

it('strings are compared', async () => {
  await tf.setBackend('wasm');
  const words = tf.tensor1d(['a', 'bc', '']);
  expect([...tf.equal(words, tf.tensor1d(['a', 'b', ''])).dataSync()]).toEqual([1, 0, 1]);
  expect(tf.tile(words, [2]).dataSync<'string'>()).toEqual(['a', 'bc', '', 'a', 'bc', '']);
});

it.each<[string, () => tf.Tensor, string]>([
  ['exp of strings', () => runKernel(tf.Exp, { x: tf.tensor1d(['a']) }, {}), 'Exp'],
  ['a negative pad', () => tf.pad(tf.ones([4]), [[-1, 2]]), 'PadV2'],
  ['a slice beyond the end', () => tf.slice(tf.ones([4]), [3], [2]), 'Slice'],
  ['a repeated dimension', () => tf.transpose(tf.ones([2, 3]), [1, 1]), 'Transpose'],
  [
    'gatherND out of range',
    () => tf.gatherND(tf.ones([3]), tf.tensor2d([[9]], [1, 1], 'int32')),
    'GatherNd',
  ],
  [
    'scatterND out of range',
    () => tf.scatterND(tf.tensor2d([[9]], [1, 1], 'int32'), tf.ones([1]), [3]),
    'ScatterNd',
  ],
  [
    'a box of no image',
    () => tf.image.cropAndResize(tf.ones([1, 2, 2, 1]), [[0, 0, 1, 1]], [7], [2, 2]),
    'CropAndResize',
  ],
  ['a tensor of 20 GB', () => tf.fill([70_000, 70_000], 1), 'a tensor'],
])('%s is rejected by name', async (_, run, name) => {
  await tf.setBackend('wasm');
  const before = tf.memory().numTensors;
  expect(() => tf.tidy(run)).toThrow(name);
  expect(tf.memory().numTensors).toBe(before);
});

it('attention with a causal mask', async () => {
  // The operations of Keras's MultiHeadAttention with useCausalMask: true.
  const attend = () => {
    const [q, k, v] = [1, 2, 3].map((seed) =>
      tf.sin(tf.range(0, 24).add(seed)).reshape([1, 2, 4, 3]),
    ) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const scores = tf.einsum('bhqd,bhkd->bhqk', q, k);
    const [rows, columns] = [tf.range(0, 4, 1, 'int32').expandDims(1), tf.range(0, 4, 1, 'int32')];
    const causal = tf.greaterEqual(rows, columns).expandDims(0).expandDims(0);
    const padding = tf.tensor([1, 1, 1, 0], [1, 1, 1, 4], 'bool');
    const allowed = tf.logicalAnd(causal, padding);
    const shown = tf.where(tf.tile(allowed, [1, 2, 1, 1]), scores, tf.fill(scores.shape, -1e9));
    const both = tf.where(tf.tile(causal, [1, 1, 1, 1]), tf.logicalNot(causal), causal);
    return [tf.einsum('bhqk,bhkd->bhqd', tf.softmax(shown), v), both];
  };
  await expectAsOnCpu(attend);
});

describe('fused convolutions with a PReLU', () => {
  const x = () => tf.sin(tf.range(0, 2 * 5 * 4 * 3)).reshape<tf.Tensor4D>([2, 5, 4, 3]);
  const filter = () => tf.cos(tf.range(0, 36)).reshape<tf.Tensor4D>([2, 2, 3, 3]);
  const channels = [0.1, 0.2, 0.3];
  const weightsOf: Record<string, (dataFormat: 'NHWC' | 'NCHW') => tf.Tensor> = {
    'one per channel': (dataFormat) =>
      tf.tensor(channels, dataFormat === 'NHWC' ? [1, 1, 3] : [3, 1, 1]),
    'one per element': (dataFormat) =>
      tf.linspace(0, 1, 60).reshape(dataFormat === 'NHWC' ? [5, 4, 3] : [3, 5, 4]),
    // A sibling: stock reads two numbers behind the only one.
    'a single one': () => tf.tensor1d([0.4]),
    'one per row': (dataFormat) =>
      tf.linspace(0, 1, 5).reshape(dataFormat === 'NHWC' ? [5, 1, 1] : [1, 5, 1]),
  };
  it.each(
    Object.keys(weightsOf).flatMap((name) =>
      (['NHWC', 'NCHW'] as const).map((dataFormat) => [name, dataFormat] as const),
    ),
  )('%s, %s', async (name, dataFormat) => {
    await tf.setBackend('wasm');
    const images = dataFormat === 'NHWC' ? x() : tf.transpose(x(), [0, 3, 1, 2]);
    const weights = weightsOf[name]?.(dataFormat) as tf.Tensor;
    // The kernel, because `tf.fused.conv2d` compares weights for channels first with a wrong shape.
    const fused = runKernel(
      tf.FusedConv2D,
      { x: images, filter: filter(), preluActivationWeights: weights },
      { strides: 1, pad: 'same', dataFormat, dilations: 1, activation: 'prelu' },
    );
    await tf.setBackend('cpu');
    const plain = tf.conv2d(images as tf.Tensor4D, filter(), 1, 'same', dataFormat);
    const expected = tf.prelu(plain, weights);
    expect(fused.shape).toEqual(expected.shape);
    const [actual, reference] = [fused.dataSync(), expected.dataSync()];
    for (const [index, value] of actual.entries()) {
      expect(value).toBeCloseTo(reference[index] ?? Number.NaN, 4);
    }
  });
});

describe('maxima', () => {
  // By Python's TensorFlow, which skips NaN.
  it('skip NaN in volumes', async () => {
    await tf.setBackend('wasm');
    for (let at = 0; at < 8; at++) {
      const numbers = [1, 2, 3, 4, 30, 2, 7, 8];
      if (numbers[at] !== 30) numbers[at] = Number.NaN;
      const volume = tf.tensor5d(numbers, [1, 2, 2, 2, 1]);
      expect([...tf.maxPool3d(volume, 2, 2, 'valid').dataSync()]).toEqual([30]);
    }
  });

  it('skip NaN in images, at any place', async () => {
    await tf.setBackend('wasm');
    for (let nan = 0; nan < 9; nan++) {
      for (let most = 0; most < 9; most++) {
        if (most === nan) continue;
        const numbers = Array.from({ length: 9 }, (_, at) =>
          at === nan ? Number.NaN : at === most ? 30 : at - 12,
        );
        const image = tf.tensor4d(numbers, [1, 3, 3, 1]);
        expect([...tf.maxPool(image, 3, 1, 'valid').dataSync()]).toEqual([30]);
      }
    }
  });

  it('keep infinities', async () => {
    await tf.setBackend('wasm');
    const image = tf.tensor4d([-Infinity, -Infinity, -5, Infinity], [1, 2, 2, 1]);
    expect([...tf.maxPool(image, [1, 2], 1, 'valid').dataSync()]).toEqual([-Infinity, Infinity]);
  });

  it('of a morphological dilation may be negative', () =>
    expectAsOnCpu(() =>
      tf.dilation2d<tf.Tensor4D>(tf.fill([1, 3, 3, 1], -1), tf.zeros([2, 2, 1]), 1, 'same'),
    ));
});

describe('output gradients of another shape are rejected', () => {
  const image = () => tf.ones([1, 3, 3, 1]) as tf.Tensor4D;
  const filter = () => tf.ones([2, 2, 1, 1]) as tf.Tensor4D;
  it.each<[string, () => tf.Tensor]>([
    [
      'conv2dTranspose',
      () => tf.conv2dTranspose<tf.Tensor4D>(image(), filter(), [1, 9, 9, 1], 2, 'same'),
    ],
    [
      'conv2dTranspose without strides',
      () => tf.conv2dTranspose<tf.Tensor4D>(image(), filter(), [1, 7, 3, 1], 1, 'valid'),
    ],
    [
      'conv3dTranspose',
      () =>
        tf.conv3dTranspose<tf.Tensor5D>(
          tf.ones([1, 3, 3, 3, 1]) as tf.Tensor5D,
          tf.ones([2, 2, 2, 1, 1]) as tf.Tensor5D,
          [1, 9, 9, 9, 1],
          2,
          'same',
        ),
    ],
  ])('%s', async (_, run) => {
    await tf.setBackend('wasm');
    expect(() => tf.tidy(run)).toThrow('the output gradient of operation');
  });
});

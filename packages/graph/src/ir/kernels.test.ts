import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { layerNormalization, type Model, models } from '../../test/support/models';
import { trace } from '../trace/trace';
import { kernelInfo, takesList, tensorflowOp } from './kernels';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** The names of kernels that tfjs exports as constants: `tf.Abs`, `tf._FusedMatMul`. */
const tfjsKernels = Object.entries(tf).flatMap(([key, value]) =>
  typeof value === 'string' && key === value ? [value] : [],
);

test('every kernel of tfjs has a row', () => {
  expect(tfjsKernels.length).toBeGreaterThan(150);
  // FromPixels reads images of a browser.
  expect(tfjsKernels.filter((kernel) => kernelInfo(kernel) === undefined)).toEqual(['FromPixels']);
});

describe('the inputs of every kernel are those that a trace records', () => {
  const all: [string, () => Model | Promise<Model>][] = [
    ...Object.entries(models),
    ['layer normalization', layerNormalization],
  ];
  it.each(all)('in %s', async (_, make) => {
    const model = await make();
    const graph = trace(model.fn, model.inputs);
    for (const node of graph.nodes) {
      if (node.kind !== 'kernel') continue;
      const recorded = Object.keys(node.inputs);
      const info = kernelInfo(node.kernel);
      expect(info, node.kernel).toBeDefined();
      if (info?.inputs === 'list')
        expect(recorded).toEqual(recorded.map((__, index) => `${index}`));
      else expect(info?.inputs, node.kernel).toEqual(expect.arrayContaining(recorded));
    }
    tf.disposeVariables();
  });
});

const call = (kernel: string, inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap = {}) => {
  const output = tf.engine().runKernel(kernel, inputs, attributes) as tf.Tensor;
  return Array.from(output.dataSync());
};

const commuting = tfjsKernels.filter((kernel) => kernelInfo(kernel)?.commutes);

test.each(commuting)('%s commutes, bit for bit', (kernel) => {
  const dtype = kernel.startsWith('Logical')
    ? 'bool'
    : kernel === 'BitwiseAnd'
      ? 'int32'
      : 'float32';
  const scale = dtype === 'float32' ? 100 : 1;
  tf.tidy(() => {
    const random = (seed: number) =>
      tf.randomUniform([1000], -scale, 2 * scale, 'float32', seed).cast(dtype);
    const [a, b] = [random(1), random(2)];
    expect(call(kernel, { a, b })).toEqual(call(kernel, { a: b, b: a }));
  });
});

const pool2d = { filterSize: 2, strides: 1, pad: 'valid', dimRoundingMode: undefined };
const image = [1, 3, 3, 1];
const shapeOnlyCalls: readonly [
  kernel: string,
  shapes: Record<string, number[]>,
  attributes: object,
][] = [
  ['ZerosLike', { x: [3] }, {}],
  ['OnesLike', { x: [3] }, {}],
  ['AvgPoolGrad', { dy: [1, 2, 2, 1], input: image }, pool2d],
  ['AvgPool3DGrad', { dy: [1, 2, 2, 2, 1], input: [1, 3, 3, 3, 1] }, pool2d],
  ['ResizeBilinearGrad', { dy: [1, 6, 6, 1], images: image }, { alignCorners: false }],
  ['ResizeNearestNeighborGrad', { dy: [1, 6, 6, 1], images: image }, { alignCorners: false }],
];

test.each(shapeOnlyCalls)(
  '%s does not read the values of an input',
  (kernel, shapes, attributes) => {
    tf.tidy(() => {
      const shapeOnly = kernelInfo(kernel)?.shapeOnly ?? [];
      const run = (seed: number) => {
        const inputs = Object.entries(shapes).map(([name, shape]): [string, tf.Tensor] => [
          name,
          tf.randomUniform(shape, 0, 1, 'float32', shapeOnly.includes(name) ? seed : 7),
        ]);
        return call(kernel, Object.fromEntries(inputs), attributes as tf.NamedAttrMap);
      };
      expect(shapeOnly).toHaveLength(1);
      expect(run(1)).toEqual(run(2));
    });
  },
);

test('every kernel with a shape-only input is tested', () => {
  const declared = tfjsKernels.filter((kernel) => kernelInfo(kernel)?.shapeOnly);
  expect(declared.sort()).toEqual(shapeOnlyCalls.map(([kernel]) => kernel).sort());
});

test("TensorFlow's operations", () => {
  expect(
    ['Add', 'Multiply', 'Conv2D', 'Step', 'MyKernel'].map((kernel) => tensorflowOp(kernel)),
  ).toEqual(['AddV2', 'Mul', 'Conv2D', 'Step', 'MyKernel']);
  expect([tensorflowOp('BatchMatMul', 2), tensorflowOp('BatchMatMul', 3)]).toEqual([
    'MatMul',
    'BatchMatMulV2',
  ]);
});

test('kernels that are called with an array', () => {
  expect([takesList('Concat', ['0']), takesList('Add', ['a', 'b'])]).toEqual([true, false]);
  expect([takesList('MyKernel', ['0', '1']), takesList('MyKernel', ['x'])]).toEqual([true, false]);
  expect(takesList('MyKernel', [])).toBe(false);
});

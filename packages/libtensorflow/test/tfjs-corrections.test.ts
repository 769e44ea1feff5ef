import { runPython } from '@elistimator/tooling/python';
import type { Tensor, Tensor4D, Tensor5D } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ClosableTfjsBinding, TensorArgumentError } from '../src';
import { oracle } from './library';
import { startTfjs, type Tf } from './tfjs';

const { python = '', path = '', reason } = await oracle();

describe.skipIf(reason !== undefined)('the binding corrects', () => {
  let tf: Tf;
  let binding: ClosableTfjsBinding;
  beforeAll(async () => {
    ({ tf, binding } = await startTfjs(path));
  });

  test('round of integers, for which TensorFlow has zeros', () => {
    const before = binding.getNumOfTensors();
    const x = tf.tensor1d([-12, 7, 0, 2147483647], 'int32');
    const rounded = tf.round(x);
    expect(rounded.dtype).toBe('int32');
    expect(rounded.dataSync()).toEqual(Int32Array.of(-12, 7, 0, 2147483647));
    const halves = tf.tensor1d([0.5, 1.5, -2.5]);
    const even = tf.round(halves);
    expect(even.dataSync()).toEqual(Float32Array.of(0, 2, -2));
    tf.dispose([x, rounded, halves, even]);
    expect(binding.getNumOfTensors()).toBe(before);

    const id = binding.createTensor([2], binding.TF_INT64, Int32Array.of(5, 0, -1, -1));
    const [output] = binding.executeOp('Round', [], [id], 1);
    expect(binding.tensorDataSync(output?.id ?? -1)).toEqual(BigInt64Array.of(5n, -1n));
    for (const tensor of [id, output?.id ?? -1]) binding.deleteTensor(tensor);
  });

  test('the seed of multinomial, which was cut to an integer and gave other numbers each time', () => {
    const draw = (seed?: number) =>
      tf.tidy(() =>
        tf
          .multinomial(tf.tensor1d(new Array(40).fill(0)), 64, seed)
          .dataSync()
          .join(),
      );
    expect(draw(0.25)).toBe(draw(0.25));
    expect(draw(0.25)).not.toBe(draw(0.75));
    expect(draw(7)).toBe(draw(7));
    expect(draw()).not.toBe(draw());
    const sure = tf.tidy(() =>
      tf
        .multinomial(
          tf.tensor2d([
            [0, 50],
            [50, 0],
          ]),
          3,
          1,
        )
        .dataSync(),
    );
    expect(sure).toEqual(Int32Array.of(1, 1, 1, 0, 0, 0));
  });

  test('a label that only the output of einsum has, which is ignored or ends the process', () => {
    const x = tf.tensor2d([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const y = tf.tensor2d([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    const matrix = tf.tidy(() => tf.einsum('ij,jk->ik', x, y).dataSync());
    expect(matrix).toEqual(Float32Array.of(16, 22, 34, 49));
    for (const equation of ['ij,jk->in', 'ij,jk->ikn', 'ij,jk->n']) {
      expect(() => tf.einsum(equation, x, y)).toThrow(
        `Einsum "${equation}": expected an output whose labels occur in the inputs, got "n"`,
      );
    }
    tf.dispose([x, y]);
  });

  test('bool bytes other than 0 and 1, whose opposite would be true as well', () => {
    const x = tf.tensor(Uint8Array.of(2, 0, 1, 255), [4], 'bool');
    const opposite = tf.logicalNot(x);
    const number = tf.cast(x, 'int32');
    expect(opposite.dataSync()).toEqual(Uint8Array.of(0, 1, 0, 0));
    expect(number.dataSync()).toEqual(Int32Array.of(1, 0, 1, 1));
    tf.dispose([x, opposite, number]);
  });

  test('the shape of a convolution of no examples', () => {
    const expected: unknown = runPython(
      python,
      `
import json, tensorflow as tf
x, f = tf.zeros([1, 4, 5, 2]), tf.zeros([2, 2, 2, 3])
def empty(t): return [0] + t.shape.as_list()[1:]
print(json.dumps([
    empty(tf.nn.conv2d(x, f, [1, 2], "VALID")),
    empty(tf.nn.conv2d(x, f, 1, "SAME")),
    empty(tf.nn.depthwise_conv2d(x, f, [1, 1, 1, 1], "VALID")),
    empty(tf.nn.conv3d(tf.zeros([1, 3, 4, 5, 2]), tf.zeros([2, 2, 2, 2, 3]), [1] * 5, "VALID")),
]))
`,
    );
    const before = binding.getNumOfTensors();
    const shapes = tf.tidy(() => {
      const x = tf.zeros<Tensor4D['rankType']>([0, 4, 5, 2]);
      const filter: Tensor4D = tf.zeros([2, 2, 2, 3]);
      const x3d: Tensor5D = tf.zeros([0, 3, 4, 5, 2]);
      const results: Tensor[] = [
        tf.conv2d(x, filter, [1, 2], 'valid'),
        tf.conv2d(x, filter, 1, 'same'),
        tf.depthwiseConv2d(x, filter, 1, 'valid'),
        tf.conv3d(x3d, tf.zeros([2, 2, 2, 2, 3]), 1, 'valid'),
      ];
      for (const result of results) expect(result.dataSync()).toHaveLength(0);
      return results.map(({ shape }) => shape);
    });
    expect(shapes).toEqual(expected);
    expect(binding.getNumOfTensors()).toBe(before);
  });
});

describe.skipIf(reason !== undefined)('attributes of a wrong type are refused', () => {
  let binding: ClosableTfjsBinding;
  beforeAll(async () => {
    ({ binding } = await startTfjs(path));
  });

  const attributeOf = (type: keyof ClosableTfjsBinding, value: unknown) => () =>
    binding.executeOp('NoOp', [{ name: 'a', type: Number(binding[type]), value }], [], 0);

  test.each([
    // What each was taken for before.
    ['TF_ATTR_BOOL', 'false', 'attribute "a": expected true or false, got "false"'], // true
    ['TF_ATTR_BOOL', undefined, 'attribute "a": expected true or false, got undefined'], // false
    ['TF_ATTR_BOOL', [true, 0], 'element 1 of attribute "a": expected true or false, got 0'],
    ['TF_ATTR_INT', 2.9, 'attribute "a": expected an integer, got 2.9'], // 2
    ['TF_ATTR_INT', [1, 2.9], 'element 1 of attribute "a": expected an integer, got 2.9'],
    ['TF_ATTR_INT', ['1'], 'element 0 of attribute "a": expected an integer, got "1"'], // 1
    ['TF_ATTR_INT', Number.NaN, 'attribute "a": expected an integer, got NaN'], // 0
    ['TF_ATTR_FLOAT', '0.5', 'attribute "a": expected a number, got "0.5"'],
    ['TF_ATTR_FLOAT', [1, '0.5'], 'element 1 of attribute "a": expected a number, got "0.5"'],
    ['TF_ATTR_STRING', 3, 'attribute "a": expected a string, got 3'], // "3"
    ['TF_ATTR_STRING', ['x', null], 'element 1 of attribute "a": expected a string, got null'],
    ['TF_ATTR_TYPE', 'float32', 'attribute "a": expected a TF_DataType, got "float32"'],
    ['TF_ATTR_TYPE', [1, 1.5], 'element 1 of attribute "a": expected a TF_DataType, got 1.5'],
    ['TF_ATTR_SHAPE', '22', 'attribute "a": expected a list of integers of at least -1'], // [2, 2]
    ['TF_ATTR_SHAPE', [2.9], 'at least -1, or null, got [2.9]'], // [2]
    ['TF_ATTR_SHAPE', [[1], [2, -3]], 'element 1 of attribute "a"'],
  ] as const)('%s %j', (type, value, message) => {
    expect(attributeOf(type, value)).toThrow(TensorArgumentError);
    expect(attributeOf(type, value)).toThrow(message);
  });
});

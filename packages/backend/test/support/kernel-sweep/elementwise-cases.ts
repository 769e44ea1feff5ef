import * as tf from '@tensorflow/tfjs';
import type { KernelCase } from './kernel-case';

const mask = (shape: readonly number[]): tf.Tensor => {
  const size = tf.util.sizeFromShape([...shape]);
  return tf.tensor(
    Array.from({ length: size }, (_, index) => index % 2),
    [...shape],
    'bool',
  );
};

const shapes: readonly (readonly number[])[] = [[2, 3], [], [5], [0, 3], [37], [2, 1, 3, 2]];

const unary = [
  'Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Expm1 Floor IsFinite IsInf IsNan Log',
  'Log1p LogicalNot Neg OnesLike Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus',
  'Sqrt Square Tan Tanh ZerosLike Identity ComplexAbs Real Imag',
].flatMap((names) => names.split(' '));

const binary = [
  'Add Atan2 BitwiseAnd Equal FloorDiv Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr',
  'LogicalXor Maximum Minimum Mod Multiply NotEqual Pow RealDiv SquaredDifference Sub',
].flatMap((names) => names.split(' '));

const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], []],
  [[3], [2, 1]],
  [
    [0, 3],
    [1, 3],
  ],
  [[], []],
  [[19], [19]],
];

const inputNameOf = (kernel: string): string => (['Real', 'Imag'].includes(kernel) ? 'input' : 'x');

export const elementwiseCases: readonly KernelCase[] = [
  ...unary.flatMap((kernel) =>
    shapes.map(
      (shape): KernelCase => ({
        kernel,
        inputs: (data) => ({ [inputNameOf(kernel)]: data(shape) }),
      }),
    ),
  ),
  ...binary.flatMap((kernel) =>
    pairs.map(([a, b]): KernelCase => ({ kernel, inputs: (data) => ({ a: data(a), b: data(b) }) })),
  ),
  ...shapes.flatMap((shape): KernelCase[] => [
    { kernel: 'AddN', inputs: (data) => [data(shape), data(shape), data(shape)] },
    {
      kernel: 'ClipByValue',
      inputs: (data) => ({ x: data(shape) }),
      attrs: { clipValueMin: -1.5, clipValueMax: 1.5 },
    },
    { kernel: 'LeakyRelu', inputs: (data) => ({ x: data(shape) }), attrs: { alpha: 0.3 } },
    { kernel: 'Step', inputs: (data) => ({ x: data(shape) }), attrs: { alpha: 0.3 } },
    { kernel: 'EluGrad', inputs: (data) => ({ dy: data(shape), y: data(shape) }) },
    {
      kernel: 'Select',
      inputs: (data) => ({ condition: mask(shape), t: data(shape), e: data(shape) }),
    },
    ...(['float32', 'int32', 'bool', 'complex64', 'string'] as const).map(
      (dtype): KernelCase => ({
        kernel: 'Cast',
        inputs: (data) => ({ x: data(shape) }),
        attrs: { dtype },
      }),
    ),
    { kernel: 'Complex', inputs: (data) => ({ real: data(shape), imag: data(shape) }) },
  ]),
  { kernel: 'Prelu', inputs: (data) => ({ x: data([2, 3]), alpha: data([2, 3]) }) },
  { kernel: 'Prelu', inputs: (data) => ({ x: data([2, 3]), alpha: data([3]) }) },
  { kernel: 'Prelu', inputs: (data) => ({ x: data([2, 3]), alpha: data([1]) }) },
  { kernel: 'Prelu', inputs: (data) => ({ x: data([2, 3]), alpha: data([2, 1]) }) },
  { kernel: 'Prelu', inputs: (data) => ({ x: data([3]), alpha: data([2, 3]) }) },
  { kernel: 'Prelu', inputs: (data) => ({ x: data([2, 1, 3]), alpha: data([2, 1, 1]) }) },
  { kernel: 'Prelu', inputs: (data) => ({ x: data([0, 3]), alpha: data([1, 3]) }) },
  {
    kernel: 'Select',
    inputs: (data) => ({ condition: mask([2]), t: data([2, 3, 2]), e: data([2, 3, 2]) }),
  },
  {
    kernel: 'Select',
    inputs: (data) => ({ condition: mask([]), t: data([]), e: data([]) }),
  },
];

import { sizeOf } from '@elistimator/internal';
import type { DataType } from '@tensorflow/tfjs';
import { kernelInfo } from '../ir/kernels';
import { rewrite } from '../ir/rewrite';
import { dependsOnSizes } from '../ir/symbolic-numbers';
import {
  type ConstantElements,
  type ConstantNode,
  type ConstantValues,
  type GraphDefinition,
  type GraphNode,
  isFill,
  isTypedArray,
  type KernelNode,
  type SymbolicNumber,
  type TensorType,
} from '../ir/types';

/** Larger constants are not folded, which could store their values twice. */
const MAX_ELEMENTS = 1024;

const isFixed = (shape: readonly SymbolicNumber[]): shape is readonly number[] =>
  !shape.some(dependsOnSizes);

const isSmall = ({ shape }: TensorType): boolean => isFixed(shape) && sizeOf(shape) <= MAX_ELEMENTS;

type Numeric = 'float32' | 'int32' | 'bool';

const isNumeric = (dtype: DataType | undefined): dtype is Numeric =>
  dtype === 'float32' || dtype === 'int32' || dtype === 'bool';

/** Whether every backend casts to the same number: without rounding and overflow. */
const isExact = (value: number, to: Numeric): boolean => {
  if (to === 'bool') return value === 0 || value === 1;
  if (to === 'float32') return Math.fround(value) === value;
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31 && !Object.is(value, -0);
};

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** The values in another dtype; undefined where backends might round differently. */
const castValues = (
  values: ConstantValues,
  from: DataType,
  to: DataType | undefined,
): ConstantValues | undefined => {
  if (!isNumeric(from) || !isNumeric(to)) return undefined;
  if (isFill(values)) {
    const { fill } = values;
    return typeof fill === 'number' && isExact(fill, to) ? { fill } : undefined;
  }
  if (!isTypedArray(values)) return undefined;
  return Array.from(values).every((value) => isExact(value, to))
    ? arrays[to].from(values)
    : undefined;
};

const stridesOf = (shape: readonly number[]): number[] => {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  }
  return strides;
};

/**
 * Row-major values with permuted axes.
 *
 * @param perm output axis i is input axis perm[i]
 * @returns undefined if `perm` is not a permutation of the axes
 */
const transposeValues = (
  values: ConstantElements,
  shape: readonly number[],
  perm: readonly number[],
): ConstantElements | undefined => {
  const axes = new Set(
    perm.filter((axis) => Number.isInteger(axis) && axis >= 0 && axis < shape.length),
  );
  if (perm.length !== shape.length || axes.size !== shape.length) return undefined;
  const strides = stridesOf(shape);
  const outputShape = perm.map((axis) => shape[axis] ?? 1);
  const outputStrides = stridesOf(outputShape);
  const sourceOf = (index: number): number =>
    outputStrides.reduce((source, stride, axis) => {
      const position = Math.floor(index / stride) % (outputShape[axis] ?? 1);
      return source + position * (strides[perm[axis] ?? 0] ?? 0);
    }, 0);
  if (!isTypedArray(values)) return values.map((_, index) => values[sourceOf(index)] ?? '');
  const transposed = values.slice();
  for (let index = 0; index < transposed.length; index++) {
    transposed[index] = values[sourceOf(index)] ?? 0;
  }
  return transposed;
};

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((element) => typeof element === 'number');

/** The constant that is a kernel's only input, if it is small enough. */
const constantInput = (node: KernelNode, nodes: readonly GraphNode[]): ConstantNode | undefined => {
  const [input, ...others] = Object.values(node.inputs);
  if (others.length > 0 || !input || !('node' in input)) return undefined;
  const producer = nodes[input.node];
  if (producer?.kind !== 'constant') return undefined;
  return isFill(producer.values) || isSmall(producer.outputs[0]) ? producer : undefined;
};

/** The values of a kernel's only output, if they follow exactly from those of its only input. */
const foldedValues = (
  { kernel, attributes, outputs }: KernelNode,
  { values, outputs: [from] }: ConstantNode,
): ConstantValues | undefined => {
  switch (kernel) {
    case 'Reshape':
    case 'ExpandDims':
      return values;
    case 'Cast':
      return castValues(values, from.dtype, outputs[0]?.dtype);
    case 'Transpose':
      if (isFill(values)) return values;
      if (from.dtype === 'complex64' || !isNumbers(attributes.perm)) return undefined;
      return isFixed(from.shape) ? transposeValues(values, from.shape, attributes.perm) : undefined;
    default:
      return undefined;
  }
};

/** Zeros or ones of a shape, without the tensor that has the shape. */
const foldFill = (node: KernelNode, type: TensorType, fill: number): GraphNode => {
  const { name } = node;
  if (isSmall(type)) return { kind: 'constant', name, outputs: [type], values: { fill } };
  // Each run makes large ones again: keeping them would take memory.
  if (type.dtype === 'bool') return node;
  const attributes = { shape: type.shape, value: fill, dtype: type.dtype };
  return { kind: 'kernel', name, kernel: 'Fill', inputs: {}, attributes, outputs: [type] };
};

const fold = (node: KernelNode, nodes: readonly GraphNode[]): GraphNode => {
  const [type] = node.outputs;
  if (type === undefined || node.outputs.length !== 1) return node;
  const fill = kernelInfo(node.kernel)?.fill;
  if (fill !== undefined && isNumeric(type.dtype)) return foldFill(node, type, fill);
  const producer = constantInput(node, nodes);
  const values = producer && foldedValues(node, producer);
  if (values === undefined) return node;
  return { kind: 'constant', name: node.name, outputs: [type], values };
};

/**
 * Computes in advance what follows exactly from constants: other shapes and dtypes of them, and zeros and
 * ones with the shape of another tensor. Arithmetic is left to the backend, which rounds in its own way.
 */
export const foldConstants = (graph: GraphDefinition): GraphDefinition =>
  rewrite(graph, (node, { nodes, add }) => add(node.kind === 'kernel' ? fold(node, nodes) : node));

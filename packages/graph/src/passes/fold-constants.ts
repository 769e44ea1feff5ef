import { isFilled } from '../graph/constant-values';
import { dependsOnBatch } from '../graph/sized';
import type {
  ConstantNode,
  ConstantValues,
  GraphDefinition,
  GraphNode,
  KernelNode,
  Sized,
  TensorSpec,
} from '../graph/types';
import { castValues } from './cast-values';
import { rewrite } from './rewrite';
import { transposeValues } from './transpose-values';

/** Larger constants stay as they are: folding them could store their values twice. */
const largest = 1024;

const isFixed = (shape: readonly Sized[]): shape is readonly number[] =>
  !shape.some(dependsOnBatch);

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, next) => size * next, 1);

const isSmall = ({ shape }: TensorSpec): boolean => isFixed(shape) && sizeOf(shape) <= largest;

const constantInput = (node: KernelNode, nodes: readonly GraphNode[]): ConstantNode | undefined => {
  const inputs = Object.values(node.inputs);
  const input = inputs[0];
  if (inputs.length !== 1 || !input || !('node' in input)) return undefined;
  const producer = nodes[input.node];
  if (producer?.kind !== 'constant') return undefined;
  return isFilled(producer.values) || isSmall(producer.outputs[0]) ? producer : undefined;
};

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((element) => typeof element === 'number');

/** The values of a kernel's only output where they follow exactly from those of its only input. */
const foldedValues = (
  { kernel, attributes, outputs }: KernelNode,
  { values, outputs: [from] }: ConstantNode,
): ConstantValues | undefined => {
  switch (kernel) {
    case 'Reshape':
    case 'ExpandDims':
      return values;
    case 'Cast':
      return outputs[0] && castValues(values, from.dtype, outputs[0].dtype);
    case 'Transpose':
      if (isFilled(values)) return values;
      if (from.dtype === 'complex64' || !isNumbers(attributes.perm)) return undefined;
      return isFixed(from.shape) ? transposeValues(values, from.shape, attributes.perm) : undefined;
    default:
      return undefined;
  }
};

/** Zeros or ones of a shape need nothing of the tensor whose shape they take. */
const likeFill = ({ kernel, outputs }: KernelNode): { fill: Sized } | undefined => {
  if (kernel !== 'ZerosLike' && kernel !== 'OnesLike') return undefined;
  const dtype = outputs[0]?.dtype;
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') return undefined;
  return { fill: kernel === 'ZerosLike' ? 0 : 1 };
};

const asFill = (node: KernelNode, spec: TensorSpec, value: Sized): KernelNode => ({
  kind: 'kernel',
  name: node.name,
  kernel: 'Fill',
  inputs: {},
  attributes: { shape: spec.shape, value, dtype: spec.dtype },
  outputs: [spec],
});

const fold = (node: KernelNode, nodes: readonly GraphNode[]): GraphNode => {
  const [spec] = node.outputs;
  if (spec === undefined || node.outputs.length !== 1) return node;
  const like = likeFill(node);
  // Large ones are made anew in each run: keeping them would take memory.
  if (like && !isSmall(spec)) return spec.dtype === 'bool' ? node : asFill(node, spec, like.fill);
  const producer = like ? undefined : constantInput(node, nodes);
  const values = like ?? (producer && foldedValues(node, producer));
  if (values === undefined) return node;
  return { kind: 'constant', name: node.name, outputs: [spec], values };
};

/**
 * Computes beforehand what follows exactly from constants: other shapes and types of them, and
 * zeros and ones shaped like another tensor. Arithmetic is left to the backend, whose rounding is its own.
 */
export const foldConstants = (graph: GraphDefinition): GraphDefinition =>
  rewrite(graph, (node, { nodes, emit }) =>
    emit(node.kind === 'kernel' ? fold(node, nodes) : node),
  );

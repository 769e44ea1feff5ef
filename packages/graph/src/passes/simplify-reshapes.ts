import { kernelInfo } from '../ir/kernels';
import { rewrite } from '../ir/rewrite';
import type { GraphDefinition, GraphNode, KernelNode, TensorRef, TensorType } from '../ir/types';

type Nodes = readonly GraphNode[];

const refOf = ({ inputs }: KernelNode, name: string): TensorRef | undefined => {
  const input = inputs[name];
  return input !== null && input !== undefined && 'node' in input ? input : undefined;
};

const typeOf = (nodes: Nodes, ref: TensorRef): TensorType | undefined =>
  nodes[ref.node]?.outputs[ref.output];

/** The tensor that a Reshape takes its elements from; undefined for other operations. */
const reshaped = (nodes: Nodes, ref: TensorRef | undefined): TensorRef | undefined => {
  const node = ref && nodes[ref.node];
  return node?.kind === 'kernel' && node.kernel === 'Reshape' ? refOf(node, 'x') : undefined;
};

/** The scalar that a Reshape made an array of one element of. */
const scalarSource = (nodes: Nodes, ref: TensorRef | undefined): TensorRef | undefined => {
  const scalar = reshaped(nodes, ref);
  const shape = ref && typeOf(nodes, ref)?.shape;
  const isScalar = scalar !== undefined && typeOf(nodes, scalar)?.shape.length === 0;
  return isScalar && shape?.every((size) => size === 1) ? scalar : undefined;
};

const rankOf = (nodes: Nodes, ref: TensorRef | undefined): number =>
  (ref && typeOf(nodes, ref)?.shape.length) ?? 0;

/** Takes scalars directly, where broadcasting gives the same shape. */
const withScalars = (node: KernelNode, nodes: Nodes): KernelNode => {
  if (!kernelInfo(node.kernel)?.broadcasts) return node;
  const [a, b] = [refOf(node, 'a'), refOf(node, 'b')];
  const outputRank = node.outputs[0]?.shape.length ?? 0;
  const [scalarA, scalarB] = [scalarSource(nodes, a), scalarSource(nodes, b)];
  if (scalarA !== undefined && rankOf(nodes, b) === outputRank)
    return { ...node, inputs: { ...node.inputs, a: scalarA } };
  if (scalarB !== undefined && rankOf(nodes, a) === outputRank)
    return { ...node, inputs: { ...node.inputs, b: scalarB } };
  return node;
};

/**
 * Removes reshapes that only fit a tensor to an operation that would also take it as it was: a reshape of
 * a reshape, and scalars as arrays of one element. tfjs inserts these in losses and their gradients.
 */
export const simplifyReshapes = (graph: GraphDefinition): GraphDefinition =>
  rewrite(graph, (node, { nodes, add }) => {
    if (node.kind !== 'kernel') return add(node);
    if (node.kernel !== 'Reshape') return add(withScalars(node, nodes));
    const source = reshaped(nodes, refOf(node, 'x'));
    return add(source === undefined ? node : { ...node, inputs: { x: source } });
  });

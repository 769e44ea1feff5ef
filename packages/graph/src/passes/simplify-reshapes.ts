import { kernelInfo } from '../ir/kernels';
import { rewrite } from '../ir/rewrite';
import { equalNumbers } from '../ir/symbolic-numbers';
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

/** The matrix that a Reshape made a batch of one matrix of. */
const singleMatrix = (nodes: Nodes, ref: TensorRef | undefined): TensorRef | undefined => {
  const matrix = reshaped(nodes, ref);
  const shape = matrix && typeOf(nodes, matrix)?.shape;
  const batched = ref && typeOf(nodes, ref)?.shape;
  const [batch, rows, columns, ...rest] = batched ?? [];
  if (batch !== 1 || rows === undefined || columns === undefined || rest.length > 0)
    return undefined;
  const isSame =
    shape?.length === 2 &&
    equalNumbers(shape[0] ?? Number.NaN, rows) &&
    equalNumbers(shape[1] ?? Number.NaN, columns);
  return isSame ? matrix : undefined;
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
 * a reshape, products of matrices as batches of one, and scalars as arrays of one element. tfjs inserts
 * these in dense layers, losses and their gradients.
 */
export const simplifyReshapes = (graph: GraphDefinition): GraphDefinition => {
  const names = new Set(graph.nodes.map(({ name }) => name));
  const freeName = (name: string): string => {
    let candidate = `${name}/Reshape`;
    for (let count = 1; names.has(candidate); count++) candidate = `${name}/Reshape_${count}`;
    names.add(candidate);
    return candidate;
  };
  return rewrite(graph, (node, { nodes, add }) => {
    if (node.kind !== 'kernel') return add(node);
    if (node.kernel === 'Reshape') {
      const source = reshaped(nodes, refOf(node, 'x'));
      return add(source === undefined ? node : { ...node, inputs: { x: source } });
    }
    if (node.kernel !== 'BatchMatMul') return add(withScalars(node, nodes));
    const a = singleMatrix(nodes, refOf(node, 'a'));
    const b = singleMatrix(nodes, refOf(node, 'b'));
    const [output] = node.outputs;
    if (a === undefined || b === undefined || output === undefined) return add(node);
    const matrix = { dtype: output.dtype, shape: output.shape.slice(1) };
    const [product] = add({ ...node, inputs: { a, b }, outputs: [matrix] });
    if (product === undefined) return add(node);
    return add({
      kind: 'kernel',
      kernel: 'Reshape',
      name: freeName(node.name),
      inputs: { x: product },
      attributes: { shape: [...output.shape] },
      outputs: node.outputs,
    });
  });
};

import type { GraphNode, KernelInput, KernelNode, TensorRef } from './types';

const isList = (input: KernelInput): input is readonly TensorRef[] => Array.isArray(input);

/** The tensors of a kernel's input. */
export const refsOf = (input: KernelInput): readonly TensorRef[] => {
  if (input === null) return [];
  return isList(input) ? input : [input];
};

/** The tensors of all inputs of a node. */
export const inputsOf = (node: GraphNode): readonly TensorRef[] =>
  node.kind === 'kernel' ? Object.values(node.inputs).flatMap(refsOf) : [];

type KernelInputs = KernelNode['inputs'];

/** The same inputs, with other tensors. */
export const mapInputs = (
  inputs: KernelInputs,
  map: (ref: TensorRef) => TensorRef,
): KernelInputs => {
  const entries = Object.entries(inputs).map(([name, input]): [string, KernelInput] => {
    if (input === null) return [name, null];
    return [name, isList(input) ? input.map(map) : map(input)];
  });
  return Object.fromEntries(entries);
};

/** Whether each node is needed to compute the tensors `roots`, by index. */
export const reachableFrom = (
  nodes: readonly GraphNode[],
  roots: Iterable<TensorRef>,
): boolean[] => {
  const reached = nodes.map(() => false);
  for (const { node } of roots) reached[node] = true;
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index];
    if (!reached[index] || node === undefined) continue;
    for (const input of inputsOf(node)) reached[input.node] = true;
  }
  return reached;
};

/** A tensor's name as TensorFlow writes it: `node`, or `node:1` for a later output. */
export const tensorName = (nodes: readonly GraphNode[], { node, output }: TensorRef): string => {
  const name = nodes[node]?.name ?? '';
  return output === 0 && !/:\d+$/.test(name) ? name : `${name}:${output}`;
};

/** The inverse of {@link tensorName}. */
export const parseTensorName = (text: string): { name: string; output: number } => {
  const match = /^(.*):(\d{1,9})$/s.exec(text);
  return match ? { name: match[1] ?? '', output: Number(match[2]) } : { name: text, output: 0 };
};

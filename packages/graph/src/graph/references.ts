import type { GraphNode, KernelInput, KernelNode, TensorRef } from './types';

const isList = (input: KernelInput): input is readonly TensorRef[] => Array.isArray(input);

/** The tensors that a kernel's input names, in order. */
export const refsOf = (input: KernelInput): readonly TensorRef[] => {
  if (input === null) return [];
  return isList(input) ? input : [input];
};

/** Every tensor that a node takes, in the order of its inputs. */
export const inputsOf = (node: GraphNode): readonly TensorRef[] =>
  node.kind === 'kernel' ? Object.values(node.inputs).flatMap(refsOf) : [];

/** The same kernel on other tensors. */
export const mapInputs = (node: KernelNode, map: (ref: TensorRef) => TensorRef): KernelNode => {
  const inputs = Object.entries(node.inputs).map(([name, input]): [string, KernelInput] => {
    if (input === null) return [name, null];
    return [name, isList(input) ? input.map(map) : map(input)];
  });
  return { ...node, inputs: Object.fromEntries(inputs) };
};

/** A tensor's name as TensorFlow writes it: `node`, or `node:1` for a later output. */
export const tensorName = (name: string, output: number): string =>
  output === 0 && !/:\d+$/.test(name) ? name : `${name}:${output}`;

/** The inverse of {@link tensorName}. */
export const parseTensorName = (text: string): { name: string; output: number } => {
  const match = /^(.*):(\d{1,9})$/s.exec(text);
  return match ? { name: match[1] ?? '', output: Number(match[2]) } : { name: text, output: 0 };
};

import { kernelInfo } from './kernels';
import type { NodeRewriter } from './rewrite';
import { isSymbolicNumber, numberKey } from './symbolic-numbers';
import {
  type AttributeValue,
  type ConstantValues,
  type GraphNode,
  isFill,
  isTypedArray,
  type KernelNode,
  type TensorRef,
} from './types';

/** Unlike JSON, tells apart -0, NaN, the infinities, undefined and null. */
const textOf = (value: AttributeValue | readonly number[]): string => {
  if (isSymbolicNumber(value)) return numberKey(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(textOf)}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([name, part]) => `${JSON.stringify(name)}:${textOf(part)}`)}}`;
};

const textOfValues = (values: ConstantValues): string => {
  if (isFill(values)) return `fill ${textOf(values.fill)}`;
  if (!isTypedArray(values)) return textOf(values);
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('latin1');
};

const textOfInputs = ({ kernel, inputs }: KernelNode): string => {
  if (kernelInfo(kernel)?.commutes) {
    return Object.values(inputs)
      .map((input) => JSON.stringify(input))
      .sort()
      .join();
  }
  return Object.entries(inputs)
    .map(([name, input]) => `${name}=${JSON.stringify(input)}`)
    .sort()
    .join();
};

/**
 * A text that two nodes share exactly if they compute the same. Names do not count, except those of
 * placeholders and variables.
 *
 * @returns undefined for a node that may compute something else each time
 */
const fingerprint = (node: GraphNode): string | undefined => {
  const outputs = node.outputs.map(({ dtype, shape }) => `${dtype}${textOf(shape)}`).join();
  switch (node.kind) {
    case 'placeholder':
    case 'variable':
      return `${node.kind} ${JSON.stringify(node.name)}`;
    case 'constant':
      return `constant ${outputs} ${textOfValues(node.values)}`;
    case 'random':
      return `random ${outputs} ${node.distribution} ${node.index} ${textOf(node.parameters)}`;
    case 'kernel': {
      const { kernel, attributes } = node;
      if (kernelInfo(kernel)?.stateful) return undefined;
      return `kernel ${kernel} ${outputs} ${textOfInputs(node)} ${textOf(attributes)}`;
    }
  }
};

/** A rewriter that replaces each node by the first one that computes the same. */
export const sharingRewriter = (): NodeRewriter => {
  const shared = new Map<string, readonly TensorRef[]>();
  return (node, { add }) => {
    const key = fingerprint(node);
    if (key === undefined) return add(node);
    const refs = shared.get(key) ?? add(node);
    shared.set(key, refs);
    return refs;
  };
};

import type { Place, RecordedNode } from './recording';

/** Kernels of tfjs that do what TensorFlow's operation of another name does. */
const shownKernels: Readonly<Record<string, string>> = {
  _FusedMatMul: 'MatMul',
  BatchMatMul: 'MatMul',
  FusedConv2D: 'Conv2D',
  FusedDepthwiseConv2D: 'DepthwiseConv2dNative',
  Multiply: 'Mul',
};
const randomNames = {
  uniform: 'RandomUniform',
  normal: 'RandomNormal',
  truncatedNormal: 'TruncatedNormal',
} as const;

/** The last part of an operation's name: what it does. */
export const kernelName = (kernel: string): string => shownKernels[kernel] ?? kernel;

/** What an operation is called where it stands alone, as errors do before there is a graph. */
export const placedName = ({ scopes, op }: Place, kernel: string): string =>
  [...scopes, ...(scopes.length === 0 && op ? [op.name] : []), kernelName(kernel)].join('/');

const typeName = (node: RecordedNode, nodes: readonly RecordedNode[]): string => {
  if (node.kind === 'random') return randomNames[node.distribution];
  if (node.kind !== 'kernel') return 'Const';
  return isBiasAdd(node, nodes) ? 'BiasAdd' : kernelName(node.kernel);
};

/** tfjs has no BiasAdd: a variable of one dimension, added to something of more. */
const isBiasAdd = (
  node: RecordedNode & { kind: 'kernel' },
  nodes: readonly RecordedNode[],
): boolean => {
  const { a, b } = node.inputs;
  if (node.kernel !== 'Add' || !a || !b || Array.isArray(a) || Array.isArray(b)) return false;
  const bias = 'node' in b ? nodes[b.node] : undefined;
  const rank = node.outputs[0]?.shape.length ?? 0;
  return bias?.kind === 'variable' && bias.outputs[0]?.shape.length === 1 && rank > 1;
};

/** Gives each name once: `add`, `add_1`, `add_2`, as TensorFlow does. */
class UniqueNames {
  readonly #taken: Set<string>;
  readonly #counts = new Map<string, number>();

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken);
  }

  next(name: string): string {
    let count = this.#counts.get(name) ?? 0;
    let unique = count === 0 ? name : `${name}_${count}`;
    while (this.#taken.has(unique)) unique = `${name}_${++count}`;
    this.#counts.set(name, count + 1);
    this.#taken.add(unique);
    return unique;
  }
}

/** The place of the last kernel of each tfjs operation: its result, which bears the operation's name. */
const resultsOfOps = (nodes: readonly RecordedNode[]): ReadonlyMap<number, number> => {
  const results = new Map<number, number>();
  nodes.forEach(({ kind, place }, index) => {
    if (kind === 'kernel' && place.op) results.set(place.op.id, index);
  });
  return results;
};

/**
 * The name of each operation: `scope/Kernel` within a named `tf.tidy`; else the tfjs operation's name
 * for its result, and `operation/Kernel` for what it is made of.
 *
 * @param given names of placeholders and variables, by their place; they stay as they are
 */
export const operationNames = (
  nodes: readonly RecordedNode[],
  given: ReadonlyMap<number, string>,
): string[] => {
  const names = new UniqueNames(given.values());
  const results = resultsOfOps(nodes);
  const ops = new Map<number, string>();
  return nodes.map((node, index) => {
    const name = given.get(index);
    if (name !== undefined) return name;
    const { scopes, op } = node.place;
    const type = typeName(node, nodes);
    if (scopes.length > 0) return names.next([...scopes, type].join('/'));
    if (op === undefined) return names.next(type);
    const opName = ops.get(op.id) ?? names.next(op.name);
    ops.set(op.id, opName);
    return results.get(op.id) === index ? opName : names.next(`${opName}/${type}`);
  });
};

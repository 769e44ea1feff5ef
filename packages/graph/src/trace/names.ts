import { kernelLabel } from '../ir/kernels';
import type { EngineScope } from '../tfjs-internals';
import type { NameScope, RecordedNode } from './recording';

/** The end of the names that tfjs gives to the scopes of its operations. */
const OP_SUFFIX = '__op';

/** Scopes that tfjs opens itself: a `tf.tidy` without a name, and the passes of a gradient. */
const internalScopes: Readonly<Record<string, string | undefined>> = {
  'unnamed scope': undefined,
  forward: undefined,
  backward: 'gradients',
};

/** The name of a scope, without characters that TensorFlow does not allow in names. */
const scopeName = (name: string): string =>
  name.replace(/[^A-Za-z0-9_.\\/>-]/g, '_').replace(/^[^A-Za-z0-9.]+/, '') || 'scope';

const opName = (name: string): string => scopeName(name.slice(0, -OP_SUFFIX.length));

/**
 * The scopes of the operation that the engine is calling.
 *
 * @param stack the engine's stack of scopes
 * @param outerCount the number of scopes around the trace, which do not count
 */
export const nameScopeOf = (stack: readonly EngineScope[], outerCount: number): NameScope => {
  const inner = stack.slice(outerCount);
  const ops = inner.filter(({ name }) => name.endsWith(OP_SUFFIX));
  const [outermost] = ops;
  const innermost = ops.at(-1);
  return {
    scopes: inner.flatMap(({ name }) => {
      if (name.endsWith(OP_SUFFIX)) return [];
      const shown = Object.hasOwn(internalScopes, name) ? internalScopes[name] : scopeName(name);
      return shown === undefined ? [] : [shown];
    }),
    op: outermost && { name: opName(outermost.name), id: outermost.id },
    innerOp: innermost && opName(innermost.name),
  };
};

/** The name of an operation in a scope, for errors before operations have unique names. */
export const nameWithin = ({ scopes, op }: NameScope, kernel: string): string =>
  [...scopes, ...(scopes.length === 0 && op ? [op.name] : []), kernelLabel(kernel)].join('/');

const randomLabels = {
  uniform: 'RandomUniform',
  normal: 'RandomNormal',
  truncatedNormal: 'TruncatedNormal',
} as const;

const labelOf = (node: RecordedNode, nodes: readonly RecordedNode[]): string => {
  if (node.kind === 'random') return randomLabels[node.distribution];
  if (node.kind !== 'kernel') return 'Const';
  return isBiasAdd(node, nodes) ? 'BiasAdd' : kernelLabel(node.kernel);
};

/** TensorFlow's BiasAdd is in tfjs the addition of a variable of one dimension to a tensor of more. */
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

/** Makes names unique as TensorFlow does: `add`, `add_1`, `add_2`. */
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

/** The last kernel of each tfjs operation, by the operation's id. Its result has the operation's name. */
const lastKernels = (nodes: readonly RecordedNode[]): ReadonlyMap<number, number> => {
  const last = new Map<number, number>();
  nodes.forEach(({ kind, scope }, index) => {
    if (kind === 'kernel' && scope.op) last.set(scope.op.id, index);
  });
  return last;
};

/**
 * Names every operation: `scope/Kernel` in a named `tf.tidy`. Elsewhere, the result of a tfjs operation
 * has the operation's name, and what it is made of is named `operation/Kernel`.
 *
 * @param fixedNames the names of placeholders and variables, by index
 */
export const operationNames = (
  nodes: readonly RecordedNode[],
  fixedNames: ReadonlyMap<number, string>,
): string[] => {
  const names = new UniqueNames(fixedNames.values());
  const last = lastKernels(nodes);
  const opNames = new Map<number, string>();
  return nodes.map((node, index) => {
    const fixed = fixedNames.get(index);
    if (fixed !== undefined) return fixed;
    const { scopes, op } = node.scope;
    const label = labelOf(node, nodes);
    if (scopes.length > 0) return names.next([...scopes, label].join('/'));
    if (op === undefined) return names.next(label);
    const uniqueOpName = opNames.get(op.id) ?? names.next(op.name);
    opNames.set(op.id, uniqueOpName);
    return last.get(op.id) === index ? uniqueOpName : names.next(`${uniqueOpName}/${label}`);
  });
};

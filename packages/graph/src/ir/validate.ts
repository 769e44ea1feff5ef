import { sizeOf } from '@elistimator/internal';
import { hasValidRecurrence } from '../recurrence/validate-recurrence';
import { GraphFormatError } from './errors';
import { inputsOf } from './references';
import { isSymbolicNumber } from './symbolic-numbers';
import {
  type AttributeValue,
  type ConstantNode,
  type GraphDefinition,
  type GraphNode,
  isFill,
  type KernelNode,
  type RandomNode,
  type Signature,
  type SizeFactor,
  type SizeTerm,
  type SymbolicNumber,
  type TensorRef,
  type TensorType,
} from './types';

const dtypes = new Set(['float32', 'int32', 'bool', 'complex64', 'string']);

/** Beyond these, no graph can run, and reading a hostile one would be costly. */
const limits = {
  rank: 16,
  dimension: 2 ** 31 - 1,
  depth: 32,
  name: 4096,
  outputs: 65_536,
  terms: 64,
  power: 8,
};

const fail = (subject: string, expected: string, actual: string): never => {
  throw new GraphFormatError({
    subject,
    expected,
    actual,
    fix: 'The graph is damaged, or was not made by trace() or Graph.merge().',
  });
};

const quote = (value: unknown): string => `"${String(value).slice(0, 100)}"`;

const assertName = (subject: string, name: unknown): void => {
  const usable =
    typeof name === 'string' && name !== '' && name.length <= limits.name && name !== '__proto__';
  if (usable) return;
  const expected = `a name of 1 to ${limits.name} characters other than "__proto__"`;
  fail(subject, expected, JSON.stringify(name)?.slice(0, 100) ?? 'undefined');
};

const assertNoProto = (subject: string, what: string, object: object): void => {
  if (Object.hasOwn(object, '__proto__'))
    fail(subject, `${what} other than "__proto__"`, 'this name');
};

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isFactor = (factor: SizeFactor): boolean => {
  if (!isObject(factor)) return false;
  const { symbol, power, offset = 0, divisor = 1 } = factor;
  const isWhole = [power, offset, divisor].every(Number.isSafeInteger);
  return typeof symbol === 'string' && isWhole && power > 0 && power <= limits.power && divisor > 0;
};

const isTerm = (term: SizeTerm): boolean =>
  isObject(term) &&
  Number.isFinite(term.coefficient) &&
  Array.isArray(term.factors) &&
  term.factors.length <= limits.terms &&
  term.factors.every(isFactor);

const assertNumber = (subject: string, value: SymbolicNumber): void => {
  if (typeof value === 'number') return;
  const { reciprocal } = value;
  const hasTerms =
    'batch' in value
      ? value.batch.length === 3 && value.batch.every(Number.isFinite)
      : value.terms.length <= limits.terms && value.terms.every(isTerm);
  if (hasTerms && (reciprocal === undefined || reciprocal === true)) return;
  fail(
    subject,
    'batch' in value ? 'three finite coefficients' : 'terms of finite numbers',
    JSON.stringify(value).slice(0, 100),
  );
};

const assertType = (subject: string, { dtype, shape }: TensorType): void => {
  if (!dtypes.has(dtype)) fail(subject, 'a dtype of tfjs', quote(dtype));
  if (!Array.isArray(shape) || shape.length > limits.rank) {
    fail(subject, `a shape of at most ${limits.rank} dimensions`, `${shape?.length ?? 'none'}`);
  }
  let size = 1;
  for (const dimension of shape) {
    if (!isSymbolicNumber(dimension)) fail(subject, 'a shape of numbers', typeof dimension);
    assertNumber(subject, dimension);
    if (typeof dimension !== 'number') continue;
    size *= dimension;
    const possible = Number.isInteger(dimension) && dimension >= 0 && size <= limits.dimension;
    if (!possible) {
      fail(subject, `a shape of at most ${limits.dimension} elements`, `[${shape.map(String)}]`);
    }
  }
};

/** Types of an attribute's leaves other than numbers; null is an object. */
const leafTypes = new Set(['undefined', 'boolean', 'string', 'object']);

const assertAttribute = (subject: string, value: AttributeValue, depth = 0): void => {
  if (depth > limits.depth) {
    fail(subject, `attributes of at most ${limits.depth} levels`, 'a deeper one');
  }
  if (isSymbolicNumber(value)) {
    assertNumber(subject, value);
  } else if (typeof value === 'object' && value !== null) {
    assertNoProto(subject, 'attribute names', value);
    for (const part of Object.values(value)) assertAttribute(subject, part, depth + 1);
  } else if (!leafTypes.has(typeof value)) {
    fail(subject, 'a JSON-like attribute', typeof value);
  }
};

const assertConstant = (subject: string, { values, outputs: [type] }: ConstantNode): void => {
  if (isFill(values)) {
    const { fill } = values;
    const fits = type.dtype === 'string' ? typeof fill === 'string' : isSymbolicNumber(fill);
    if (!fits) fail(subject, `a fill value of ${type.dtype}`, `a ${typeof fill}`);
    if (typeof fill !== 'string') assertNumber(subject, fill);
    return;
  }
  const classes = {
    float32: Float32Array,
    complex64: Float32Array,
    int32: Int32Array,
    bool: Uint8Array,
    string: Array,
  };
  if (!(values instanceof classes[type.dtype])) {
    fail(subject, `values of ${type.dtype}`, values.constructor?.name ?? typeof values);
  }
  const size = sizeOf(type.shape.map(Number));
  const expected = type.dtype === 'complex64' ? 2 * size : size;
  if (values.length !== expected) fail(subject, `${expected} values`, String(values.length));
};

const assertRandom = (subject: string, node: RandomNode): void => {
  if (!['uniform', 'normal', 'truncatedNormal'].includes(node.distribution)) {
    fail(subject, 'uniform, normal or truncatedNormal', quote(node.distribution));
  }
  if (!Number.isSafeInteger(node.index) || node.index < 0) {
    fail(subject, 'an integer index of at least 0', String(node.index));
  }
  for (const [name, value] of Object.entries(node.parameters)) {
    const known = ['minval', 'maxval', 'mean', 'stddev'].includes(name);
    if (!known || !Number.isFinite(value)) {
      fail(subject, 'finite minval, maxval, mean or stddev', `${name} = ${value}`);
    }
  }
};

const assertKernel = (subject: string, node: KernelNode): void => {
  assertName(subject, node.kernel);
  assertNoProto(subject, 'input names', node.inputs);
  assertNoProto(subject, 'attribute names', node.attributes);
  for (const value of Object.values(node.attributes)) assertAttribute(subject, value);
  if (!hasValidRecurrence(node)) fail(subject, 'the step of a recurrence', 'other attributes');
};

/** @param end the reference must be to one of the nodes before this index */
const assertRef = (
  subject: string,
  { node, output }: TensorRef,
  nodes: readonly GraphNode[],
  end: number,
): void => {
  const valid = Number.isInteger(node) && node >= 0 && node < end && Number.isInteger(output);
  const outputs = valid ? (nodes[node]?.outputs.length ?? 0) : 0;
  if (output >= 0 && output < outputs) return;
  fail(subject, `a tensor of one of the first ${end} operations`, `${node}:${output}`);
};

const assertNode = (node: GraphNode, index: number, nodes: readonly GraphNode[]): void => {
  const subject = `operation ${index} (${quote(node.name)})`;
  assertName(subject, node.name);
  const count = node.outputs.length;
  if (node.kind !== 'kernel' && count !== 1) fail(subject, 'one output', String(count));
  if (count > limits.outputs) fail(subject, `at most ${limits.outputs} outputs`, String(count));
  for (const type of node.outputs) assertType(subject, type);
  for (const ref of inputsOf(node)) assertRef(subject, ref, nodes, index);
  if (node.kind === 'kernel') assertKernel(subject, node);
  if (node.kind === 'constant') assertConstant(subject, node);
  if (node.kind === 'random') assertRandom(subject, node);
};

const assertSignature = (
  name: string,
  { inputs, outputs, updates }: Signature,
  nodes: readonly GraphNode[],
  byName: ReadonlyMap<string, GraphNode>,
): void => {
  const subject = `signature ${quote(name)}`;
  assertName(subject, name);
  for (const input of inputs) {
    if (byName.get(input)?.kind !== 'placeholder') fail(subject, 'placeholders', quote(input));
  }
  for (const [output, ref] of Object.entries(outputs)) {
    assertName(subject, output);
    assertRef(`${subject}, output ${quote(output)}`, ref, nodes, nodes.length);
  }
  assertNoProto(subject, 'output names', outputs);
  const updated = new Set<string>();
  for (const { variable, value } of updates) {
    if (byName.get(variable)?.kind !== 'variable') {
      fail(subject, 'updates of variables', quote(variable));
    }
    if (updated.has(variable))
      fail(subject, 'one update per variable', `two of ${quote(variable)}`);
    updated.add(variable);
    assertRef(`${subject}, update of ${quote(variable)}`, value, nodes, nodes.length);
  }
};

/**
 * Checks a graph: references point backwards to existing tensors, names are unique, shapes and dtypes
 * possible, attributes bounded. Takes time in proportion to the graph.
 *
 * @returns the nodes by name
 * @throws GraphFormatError naming the operation or signature at fault
 */
export const validate = ({
  nodes,
  signatures,
}: GraphDefinition): ReadonlyMap<string, GraphNode> => {
  const byName = new Map<string, GraphNode>();
  nodes.forEach((node, index) => {
    assertNode(node, index, nodes);
    if (byName.has(node.name)) fail(`operation ${index}`, 'a unique name', quote(node.name));
    byName.set(node.name, node);
  });
  assertNoProto('the graph', 'signature names', signatures);
  for (const [name, signature] of Object.entries(signatures)) {
    assertSignature(name, signature, nodes, byName);
  }
  return byName;
};

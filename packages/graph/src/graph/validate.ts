import { checkAttribute, checkName, checkSized, checkSpec, fail, limits } from './checks';
import { isFilled } from './constant-values';
import { inputsOf, refsOf } from './references';
import { isSized } from './sized';
import type {
  ConstantNode,
  GraphDefinition,
  GraphNode,
  KernelNode,
  RandomNode,
  Signature,
  TensorRef,
} from './types';

const checkConstant = (subject: string, { values, outputs: [spec] }: ConstantNode): void => {
  if (isFilled(values)) {
    const { fill } = values;
    const fits = spec.dtype === 'string' ? typeof fill === 'string' : isSized(fill);
    if (!fits) fail(subject, `a ${spec.dtype} to fill with`, typeof fill);
    if (typeof fill !== 'string') checkSized(subject, fill);
    return;
  }
  const kinds = {
    float32: Float32Array,
    complex64: Float32Array,
    int32: Int32Array,
    bool: Uint8Array,
    string: Array,
  };
  if (!(values instanceof kinds[spec.dtype])) {
    fail(subject, `values of ${spec.dtype}`, values.constructor?.name ?? typeof values);
  }
  const size = spec.shape.reduce<number>((product, dimension) => product * Number(dimension), 1);
  const expected = spec.dtype === 'complex64' ? 2 * size : size;
  if (values.length !== expected) fail(subject, `${expected} values`, String(values.length));
};

const checkRandom = (subject: string, node: RandomNode): void => {
  if (!['uniform', 'normal', 'truncatedNormal'].includes(node.distribution)) {
    fail(subject, 'uniform, normal or truncatedNormal', `"${node.distribution}"`);
  }
  if (!Number.isSafeInteger(node.index) || node.index < 0) {
    fail(subject, 'an index of at least 0', String(node.index));
  }
  for (const [name, value] of Object.entries(node.parameters)) {
    const known = ['minval', 'maxval', 'mean', 'stddev'].includes(name);
    if (!known || !Number.isFinite(value)) fail(subject, 'its parameters', `${name} = ${value}`);
  }
};

const checkKernel = (subject: string, node: KernelNode): void => {
  checkName(subject, node.kernel);
  if (Object.hasOwn(node.inputs, '__proto__')) fail(subject, 'input names', '"__proto__"');
  for (const value of Object.values(node.attributes)) checkAttribute(subject, value);
  if (Object.hasOwn(node.attributes, '__proto__')) fail(subject, 'attribute names', '"__proto__"');
};

const checkRef = (
  subject: string,
  { node, output }: TensorRef,
  nodes: readonly GraphNode[],
  before: number,
): void => {
  const valid = Number.isInteger(node) && node >= 0 && node < before && Number.isInteger(output);
  const outputs = valid ? (nodes[node]?.outputs.length ?? 0) : 0;
  if (output >= 0 && output < outputs) return;
  fail(subject, `a tensor of one of the ${before} operations before it`, `${node}:${output}`);
};

const checkNode = (node: GraphNode, index: number, nodes: readonly GraphNode[]): void => {
  const subject = `operation ${index} ("${String(node.name).slice(0, 100)}")`;
  checkName(subject, node.name);
  const many = node.outputs.length > limits.outputs;
  const single = node.kind !== 'kernel' && node.outputs.length !== 1;
  if (single || many) fail(subject, 'one output', String(node.outputs.length));
  for (const spec of node.outputs) checkSpec(subject, spec);
  for (const ref of inputsOf(node)) checkRef(subject, ref, nodes, index);
  if (node.kind === 'kernel') checkKernel(subject, node);
  if (node.kind === 'constant') checkConstant(subject, node);
  if (node.kind === 'random') checkRandom(subject, node);
};

const checkSignature = (
  name: string,
  { inputs, outputs, updates }: Signature,
  nodes: readonly GraphNode[],
  byName: ReadonlyMap<string, GraphNode>,
): void => {
  const subject = `signature "${name.slice(0, 100)}"`;
  checkName(subject, name);
  for (const input of inputs) {
    if (byName.get(input)?.kind !== 'placeholder') fail(subject, 'placeholders', `"${input}"`);
  }
  for (const [output, ref] of Object.entries(outputs)) {
    checkName(subject, output);
    checkRef(`${subject}, output "${output}"`, ref, nodes, nodes.length);
  }
  if (Object.hasOwn(outputs, '__proto__')) fail(subject, 'output names', '"__proto__"');
  const updated = new Set<string>();
  for (const { variable, value } of updates) {
    const found = byName.get(variable);
    if (found?.kind !== 'variable') fail(subject, 'updates of variables', `"${variable}"`);
    if (updated.has(variable)) fail(subject, 'one update of a variable', `two of "${variable}"`);
    updated.add(variable);
    for (const ref of refsOf(value)) checkRef(`${subject}, update`, ref, nodes, nodes.length);
  }
};

/**
 * Checks that a graph is one: references point backwards to what is there, names are unique, shapes
 * and dtypes possible, attributes bounded. Takes time in proportion to the graph.
 *
 * @returns the nodes by name
 * @throws GraphFormatError naming the operation or signature that does not fit
 */
export const validate = ({
  nodes,
  signatures,
}: GraphDefinition): ReadonlyMap<string, GraphNode> => {
  const byName = new Map<string, GraphNode>();
  nodes.forEach((node, index) => {
    checkNode(node, index, nodes);
    if (byName.has(node.name)) fail(`operation ${index}`, 'a name of its own', `"${node.name}"`);
    byName.set(node.name, node);
  });
  if (Object.hasOwn(signatures, '__proto__')) fail('a signature', 'a name', '"__proto__"');
  for (const [name, signature] of Object.entries(signatures)) {
    checkSignature(name, signature, nodes, byName);
  }
  return byName;
};

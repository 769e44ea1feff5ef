import { sameValues } from './constant-values';
import type { RecordedNode, RecordedValues, Recording } from './recording';
import { refuse } from './refusals';

/** What must be the same of a step in all calls, as one text to compare. */
const structureOf = (node: RecordedNode): string => {
  const dtypes = node.outputs.map(({ dtype, shape }) => `${dtype}${shape.length}`);
  switch (node.kind) {
    case 'placeholder':
      return `placeholder ${node.name}`;
    case 'variable':
      return `variable ${node.variable.id}`;
    case 'constant':
      return `constant ${dtypes}`;
    case 'random':
      return `random ${node.distribution} ${dtypes} ${node.index} ${JSON.stringify(node.parameters)}`;
    case 'kernel':
      return `${node.kernel} ${dtypes} ${JSON.stringify(node.inputs)}`;
  }
};

const kernelOf = (node: RecordedNode): string => (node.kind === 'kernel' ? node.kernel : node.kind);

/** @throws TraceError when the calls did different things; `when` says which calls these are */
export const checkSequence = (
  names: readonly string[],
  first: Recording,
  second: Recording,
  when: string,
): void => {
  const isBatch = first.batchSize !== second.batchSize;
  const length = Math.max(first.nodes.length, second.nodes.length);
  for (let index = 0; index < length; index++) {
    const expected = first.nodes[index];
    const actual = second.nodes[index];
    if (expected && actual && structureOf(expected) === structureOf(actual)) continue;
    const shown = expected ? `"${names[index]}" (${kernelOf(expected)})` : 'after the last one';
    throw refuse.sequence(shown, actual ? `"${kernelOf(actual)}"` : 'nothing', when, isBatch);
  }
  const ends = [first, second].map(({ outputs, updates }) =>
    JSON.stringify([outputs, updates.map(({ variable, value }) => [variable.id, value])]),
  );
  if (ends[0] !== ends[1]) {
    throw refuse.sequence('that gives an output', 'another one', when, isBatch);
  }
};

/** A kernel's attributes as text; NaN and undefined are told from null. */
const attributesOf = (node: RecordedNode): string =>
  JSON.stringify(node.kind === 'kernel' ? node.attributes : {}, (_, part: unknown) =>
    part === undefined || (typeof part === 'number' && !Number.isFinite(part))
      ? `\u0000${String(part)}`
      : part,
  );

const valuesOf = (node: RecordedNode): RecordedValues | undefined =>
  node.kind === 'constant' ? node.values : undefined;

/** Two calls at the same batch size with other inputs must agree in everything. */
export const checkRepeated = (
  names: readonly string[],
  first: Recording,
  second: Recording,
): void => {
  // A constant that changes may make shapes and operations change: it is the cause to name.
  const length = Math.min(first.nodes.length, second.nodes.length);
  for (let index = 0; index < length; index++) {
    const node = first.nodes[index];
    const again = second.nodes[index];
    const name = names[index] ?? '';
    if (node === undefined || again === undefined) break;
    if (structureOf(node) !== structureOf(again)) break;
    const shapes = [node, again].map(({ outputs }) => JSON.stringify(outputs));
    if (shapes[0] !== shapes[1]) throw refuse.dataDependentShape(name, kernelOf(node));
    const values = valuesOf(node);
    const others = valuesOf(again);
    const isSame = values === undefined || others === undefined || sameValues(values, others);
    if (!isSame || attributesOf(node) !== attributesOf(again)) {
      throw refuse.changingValue(name, node);
    }
  }
  checkSequence(names, first, second, 'in another call');
};

/** Kernels whose outputs' shapes follow from the values of their inputs. */
const dataDependent = new Set([
  'NonMaxSuppressionV3',
  'NonMaxSuppressionV5',
  'RaggedGather',
  'RaggedRange',
  'RaggedTensorToTensor',
  'SparseFillEmptyRows',
  'SparseReshape',
  'StringNGrams',
  'StringSplit',
  'Unique',
  'Where',
]);

/** @throws TraceError when a shape follows from data, whether or not it did in these calls */
export const checkShapes = (names: readonly string[], { nodes }: Recording): void => {
  nodes.forEach((node, index) => {
    if (node.kind === 'kernel' && dataDependent.has(node.kernel)) {
      throw refuse.dataDependentShape(names[index] ?? '', node.kernel);
    }
  });
};

import { kernelInfo } from '../ir/kernels';
import { sameSizes } from '../ir/symbolic-numbers';
import { type RecordedValues, sameValues } from './recorded-values';
import type { RecordedNode, Recording } from './recording';
import { untraceable } from './untraceable';

/** What must be the same about a step in all calls, as one text to compare. */
const structureOf = (node: RecordedNode): string => {
  const types = node.outputs.map(({ dtype, shape }) => `${dtype}${shape.length}`);
  switch (node.kind) {
    case 'placeholder':
      return `placeholder ${node.name}`;
    case 'variable':
      return `variable ${node.variable.id}`;
    case 'constant':
      return `constant ${types}`;
    case 'random':
      return `random ${node.distribution} ${types} ${node.index} ${JSON.stringify(node.parameters)}`;
    case 'kernel':
      return `${node.kernel} ${types} ${JSON.stringify(node.inputs)}`;
  }
};

const kernelOf = (node: RecordedNode): string => (node.kind === 'kernel' ? node.kernel : node.kind);

/**
 * @param when names the two calls, such as "at batch size 2 and batch size 3"
 * @throws TraceError if the calls perform different operations
 */
export const assertSameSequence = (
  names: readonly string[],
  first: Recording,
  second: Recording,
  when: string,
): void => {
  const isBatch = !sameSizes(first.sizes, second.sizes);
  const length = Math.max(first.nodes.length, second.nodes.length);
  for (let index = 0; index < length; index++) {
    const expected = first.nodes[index];
    const actual = second.nodes[index];
    if (expected && actual && structureOf(expected) === structureOf(actual)) continue;
    const position = expected ? `"${names[index]}" (${kernelOf(expected)})` : 'after the last one';
    const other = actual ? `"${kernelOf(actual)}"` : 'nothing';
    throw untraceable.sequence(position, other, when, isBatch);
  }
  const [ends, otherEnds] = [first, second].map(({ outputs, updates }) =>
    JSON.stringify([outputs, updates.map(({ variable, value }) => [variable.id, value])]),
  );
  if (ends !== otherEnds) {
    throw untraceable.sequence('that computes an output', 'another one', when, isBatch);
  }
};

/** A kernel's attributes as text, in which NaN, the infinities, undefined and null differ. */
const attributeText = (node: RecordedNode): string =>
  JSON.stringify(node.kind === 'kernel' ? node.attributes : {}, (_, part: unknown) =>
    part === undefined || (typeof part === 'number' && !Number.isFinite(part))
      ? `\u0000${String(part)}`
      : part,
  );

const valuesOf = (node: RecordedNode): RecordedValues | undefined =>
  node.kind === 'constant' ? node.values : undefined;

/** @throws TraceError if two calls at the same sizes, with different inputs, differ in anything */
export const assertRepeats = (
  names: readonly string[],
  first: Recording,
  second: Recording,
): void => {
  // A changing constant may change shapes and operations, so it is reported before those.
  const length = Math.min(first.nodes.length, second.nodes.length);
  for (let index = 0; index < length; index++) {
    const node = first.nodes[index];
    const repeated = second.nodes[index];
    const name = names[index] ?? '';
    if (node === undefined || repeated === undefined) break;
    if (structureOf(node) !== structureOf(repeated)) break;
    if (JSON.stringify(node.outputs) !== JSON.stringify(repeated.outputs)) {
      throw untraceable.dataDependentShape(name, kernelOf(node));
    }
    const [values, otherValues] = [valuesOf(node), valuesOf(repeated)];
    const isSame = !values || !otherValues || sameValues(values, otherValues);
    if (!isSame || attributeText(node) !== attributeText(repeated)) {
      throw untraceable.changingValue(name, node);
    }
  }
  assertSameSequence(names, first, second, 'in another call');
};

/** @throws TraceError if a shape depends on data, even if it was the same in all calls */
export const assertShapesAreStatic = (names: readonly string[], { nodes }: Recording): void => {
  nodes.forEach((node, index) => {
    if (node.kind === 'kernel' && kernelInfo(node.kernel)?.shapeFromValues) {
      throw untraceable.dataDependentShape(names[index] ?? '', node.kernel);
    }
  });
};

import { GraphFormatError } from './errors';
import { isSized } from './sized';
import type { AttributeValue, Sized, TensorSpec } from './types';

const dtypes = new Set(['float32', 'int32', 'bool', 'complex64', 'string']);

/** What no graph that tfjs can run has, and what would make reading a hostile one costly. */
export const limits = { rank: 16, dimension: 2 ** 31 - 1, depth: 32, name: 4096, outputs: 65_536 };

/** Throws: a part of a graph is not what it has to be. */
export const fail = (subject: string, expected: string, actual: string): never => {
  throw new GraphFormatError({
    subject,
    expected,
    actual,
    fix: 'The graph is damaged, or was not made by trace() or Graph.merge().',
  });
};

export const checkName = (subject: string, name: unknown): void => {
  const usable =
    typeof name === 'string' && name !== '' && name.length <= limits.name && name !== '__proto__';
  if (!usable) fail(subject, 'a name', JSON.stringify(name)?.slice(0, 100) ?? 'undefined');
};

/** Only what is not a plain number can be wrong: a number is what it is. */
export const checkSized = (subject: string, sized: Sized): void => {
  if (typeof sized === 'number') return;
  const { batch, reciprocal } = sized;
  const valid =
    batch.length === 3 &&
    batch.every((coefficient) => typeof coefficient === 'number' && Number.isFinite(coefficient)) &&
    (reciprocal === undefined || reciprocal === true);
  if (!valid) fail(subject, 'three finite coefficients', JSON.stringify(sized).slice(0, 100));
};

export const checkSpec = (subject: string, { dtype, shape }: TensorSpec): void => {
  if (!dtypes.has(dtype)) fail(subject, 'a dtype of tfjs', `"${dtype}"`);
  if (!Array.isArray(shape) || shape.length > limits.rank) {
    fail(subject, `a shape of at most ${limits.rank} dimensions`, `${shape?.length ?? 'none'}`);
  }
  let size = 1;
  for (const dimension of shape) {
    if (!isSized(dimension)) fail(subject, 'a shape of numbers', typeof dimension);
    checkSized(subject, dimension);
    if (typeof dimension !== 'number') continue;
    size *= dimension;
    const possible = Number.isInteger(dimension) && dimension >= 0 && size <= limits.dimension;
    if (!possible) fail(subject, 'a shape that a tensor can have', `[${shape.map(String)}]`);
  }
};

/** Types of the leaves of an attribute, beside numbers; null is an object. */
const plain = new Set(['undefined', 'boolean', 'string', 'object']);

export const checkAttribute = (subject: string, value: AttributeValue, depth = 0): void => {
  if (depth > limits.depth) fail(subject, `attributes at most ${limits.depth} deep`, 'deeper ones');
  if (isSized(value)) {
    checkSized(subject, value);
  } else if (typeof value === 'object' && value !== null) {
    if (Object.hasOwn(value, '__proto__')) fail(subject, 'attribute names', '"__proto__"');
    for (const part of Object.values(value)) checkAttribute(subject, part, depth + 1);
  } else if (!plain.has(typeof value)) {
    fail(subject, 'a JSON-like attribute', typeof value);
  }
};

import { DatasetError } from './dataset-error';
import { describe } from './describe';
import { type HostArray, type HostDType, sizeOf } from './host-array';
import {
  allocateFor,
  allocateLike,
  dtypeOfNumeric,
  isNumericArray,
  type NumericArray,
} from './numeric-array';
import { formatShape } from './tensor-spec';

/** Numbers, booleans or strings in arrays of equal lengths; the innermost ones may be typed arrays. */
export type NestedArray = readonly (number | boolean | string | NumericArray | NestedArray)[];

const leafDTypes = { number: 'float32', boolean: 'bool', string: 'string' } as const;

/** The dtype of a single number, boolean or string; undefined for anything else. */
export const dtypeOfLeaf = (leaf: unknown): HostDType | undefined =>
  leafDTypes[typeof leaf as keyof typeof leafDTypes];

/** The shape along the first values, and what the first value is: a leaf, or a typed array of them. */
const probe = (value: readonly unknown[]) => {
  const shape: number[] = [];
  let first: unknown = value;
  while (Array.isArray(first)) {
    shape.push(first.length);
    first = first[0];
  }
  return isNumericArray(first)
    ? { shape: [...shape, first.length], dtype: dtypeOfNumeric(first), row: first }
    : { shape, dtype: shape.includes(0) ? 'float32' : dtypeOfLeaf(first), first };
};

/**
 * The values of a nested array in one flat array.
 *
 * @param subject what the values are, for messages: `column "images"`
 * @returns float32 of numbers, bool of booleans, string of strings, and of typed arrays what one alone would be
 * @throws DatasetError when lengths differ within a level, types are mixed, or a value is none of these
 */
export const hostArrayOfNested = (value: readonly unknown[], subject: string): HostArray => {
  const { shape, dtype, row, first } = probe(value);
  const refusal = (actual: string) =>
    new DatasetError({
      subject,
      expected: `${dtype ?? 'numbers, booleans or strings'} in arrays of shape ${formatShape(shape)}`,
      actual,
      fix: 'Give every row the same length and every value the same type.',
    });
  if (dtype === undefined) throw refusal(describe(first));

  const strings: string[] = [];
  const numbers = row
    ? allocateLike(row, sizeOf(shape))
    : dtype === 'string'
      ? new Uint8Array(0)
      : allocateFor(dtype, sizeOf(shape));
  let filled = 0;

  const fillLeaf = (leaf: unknown) => {
    if (dtypeOfLeaf(leaf) !== dtype) throw refusal(`${describe(leaf)} among the values`);
    if (typeof leaf === 'string') strings.push(leaf);
    else numbers[filled] = Number(leaf);
    filled += 1;
  };
  const fill = (part: unknown, depth: number): void => {
    const length = Array.isArray(part) || isNumericArray(part) ? part.length : undefined;
    if (length === undefined) throw refusal(`${describe(part)} where an array belongs`);
    if (length !== shape[depth]) throw refusal(`length ${length} in dimension ${depth}`);
    const innermost = depth === shape.length - 1;
    if (isNumericArray(part)) {
      if (!row || !innermost || dtypeOfNumeric(part) !== dtype) {
        throw refusal(`${describe(part)} among the values`);
      }
      numbers.set(part, filled);
      filled += part.length;
    } else if (Array.isArray(part)) {
      for (const inner of part) innermost ? fillLeaf(inner) : fill(inner, depth + 1);
    }
  };
  fill(value, 0);
  return { dtype, shape, data: dtype === 'string' ? strings : numbers };
};

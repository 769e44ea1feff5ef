import { GraphFormatError } from '../ir/errors';
import { isSymbolicNumber } from '../ir/symbolic-numbers';
import type { AttributeValue, SymbolicNumber } from '../ir/types';

/**
 * Attributes as JSON. Values that JSON lacks are objects with the only key `_`:
 *
 * | value                       | JSON                                               |
 * | --------------------------- | -------------------------------------------------- |
 * | NaN, ±Infinity, -0          | `{"_":"NaN"}` `{"_":"Infinity"}` `{"_":"-0"}` …    |
 * | undefined                   | `{"_":"undefined"}`                                |
 * | a + b·B + c·B², B the batch | `{"_":[a,b,c]}`                                    |
 * | 1 over that                 | `{"_":[a,b,c,-1]}`                                 |
 * | an object with the key `_`  | `{"_":{…}}`                                        |
 */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const escapeKey = '_';
const MAX_DEPTH = 40;

const special: ReadonlyMap<string, number | undefined> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
  ['undefined', undefined],
]);

const numberToJson = (value: SymbolicNumber): Json => {
  if (typeof value !== 'number') {
    return { [escapeKey]: [...value.batch.map(numberToJson), ...(value.reciprocal ? [-1] : [])] };
  }
  if (Object.is(value, -0)) return { [escapeKey]: '-0' };
  return Number.isFinite(value) ? value : { [escapeKey]: String(value) };
};

/** The attribute as a value that `JSON.stringify` writes without loss. */
export const attributeToJson = (value: AttributeValue): Json => {
  if (value === undefined) return { [escapeKey]: 'undefined' };
  if (isSymbolicNumber(value)) return numberToJson(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(attributeToJson);
  const entries = Object.entries(value).map(([key, part]) => [key, attributeToJson(part)]);
  const object: Record<string, Json> = Object.fromEntries(entries);
  return Object.hasOwn(object, escapeKey) ? { [escapeKey]: object } : object;
};

const fail = (expected: string, actual: unknown): never => {
  throw new GraphFormatError({
    subject: 'an attribute of the graph',
    expected,
    actual: String(JSON.stringify(actual)).slice(0, 100),
    fix: 'The graph is damaged: use another copy.',
  });
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entriesFromJson = (
  object: Readonly<Record<string, unknown>>,
  depth: number,
): Readonly<Record<string, AttributeValue>> => {
  if (Object.hasOwn(object, '__proto__')) fail('names other than "__proto__"', '__proto__');
  const entries = Object.entries(object).map(([key, part]) => [key, fromJson(part, depth + 1)]);
  return Object.fromEntries(entries);
};

const numberFromJson = (json: readonly unknown[], depth: number): SymbolicNumber => {
  const coefficients = json.map((coefficient) => fromJson(coefficient, depth + 1));
  const [a, b, c, reciprocal] = coefficients;
  const valid = coefficients.length === 3 || (coefficients.length === 4 && reciprocal === -1);
  if (!valid || typeof a !== 'number' || typeof b !== 'number' || typeof c !== 'number') {
    return fail('three coefficients', json);
  }
  return reciprocal === -1 ? { batch: [a, b, c], reciprocal: true } : { batch: [a, b, c] };
};

const readEscaped = (escaped: unknown, depth: number): AttributeValue => {
  if (typeof escaped === 'string' && special.has(escaped)) return special.get(escaped);
  if (Array.isArray(escaped)) return numberFromJson(escaped, depth);
  if (isObject(escaped)) return entriesFromJson(escaped, depth);
  return fail('a special value', escaped);
};

const fromJson = (json: unknown, depth: number): AttributeValue => {
  if (depth > MAX_DEPTH) fail(`at most ${MAX_DEPTH} levels`, 'more');
  if (Array.isArray(json)) return json.map((part) => fromJson(part, depth + 1));
  if (isObject(json)) {
    const escaped = Object.hasOwn(json, escapeKey) && Object.keys(json).length === 1;
    return escaped ? readEscaped(json[escapeKey], depth + 1) : entriesFromJson(json, depth);
  }
  return json as null | boolean | number | string;
};

/**
 * The inverse of {@link attributeToJson}.
 *
 * @param json any result of `JSON.parse`
 * @throws GraphFormatError if it is not an attribute, or has too many levels
 */
export const attributeFromJson = (json: unknown): AttributeValue => fromJson(json, 0);

import { GraphFormatError } from '../graph/errors';
import { isSized } from '../graph/sized';
import type { AttributeValue, Sized } from '../graph/types';

/**
 * Attributes as JSON. What JSON lacks stands in an object with the one key `_`:
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
const deepest = 40;

const special: ReadonlyMap<string, number | undefined> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
  ['undefined', undefined],
]);

const sizedToJson = (sized: Sized): Json => {
  if (typeof sized !== 'number') {
    return { [escapeKey]: [...sized.batch.map(sizedToJson), ...(sized.reciprocal ? [-1] : [])] };
  }
  if (Object.is(sized, -0)) return { [escapeKey]: '-0' };
  return Number.isFinite(sized) ? sized : { [escapeKey]: String(sized) };
};

/** What `JSON.stringify` writes without loss. */
export const attributeToJson = (value: AttributeValue): Json => {
  if (value === undefined) return { [escapeKey]: 'undefined' };
  if (isSized(value)) return sizedToJson(value);
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
    fix: 'The graph is damaged.',
  });
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entriesFromJson = (
  object: Readonly<Record<string, unknown>>,
  depth: number,
): Readonly<Record<string, AttributeValue>> => {
  if (Object.hasOwn(object, '__proto__')) fail('usual names', '__proto__');
  const entries = Object.entries(object).map(([key, part]) => [key, fromJson(part, depth + 1)]);
  return Object.fromEntries(entries);
};

const sizedFromJson = (json: readonly unknown[], depth: number): Sized => {
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
  if (Array.isArray(escaped)) return sizedFromJson(escaped, depth);
  if (isObject(escaped)) return entriesFromJson(escaped, depth);
  return fail('a special value', escaped);
};

const fromJson = (json: unknown, depth: number): AttributeValue => {
  if (depth > deepest) fail(`at most ${deepest} levels`, 'more');
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
 * @param json anything that `JSON.parse` gave
 * @throws GraphFormatError when it is no attribute, or too deep
 */
export const attributeFromJson = (json: unknown): AttributeValue => fromJson(json, 0);

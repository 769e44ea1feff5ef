import { GraphFormatError } from '../ir/errors';
import { isSymbolicNumber } from '../ir/symbolic-numbers';
import type {
  AttributeValue,
  PolynomialNumber,
  SizeFactor,
  SizeTerm,
  SymbolicNumber,
} from '../ir/types';

/**
 * Attributes as JSON. Values that JSON lacks are objects with the only key `_`:
 *
 * | value                       | JSON                                               |
 * | --------------------------- | -------------------------------------------------- |
 * | NaN, ±Infinity, -0          | `{"_":"NaN"}` `{"_":"Infinity"}` `{"_":"-0"}` …    |
 * | undefined                   | `{"_":"undefined"}`                                |
 * | a + b·B + c·B², B the batch | `{"_":[a,b,c]}`                                    |
 * | 1 over that                 | `{"_":[a,b,c,-1]}`                                 |
 * | a polynomial of open sizes  | `{"_":["terms",[[2,["tokens.1",1]],…]]}`            |
 * | 1 over that                 | `{"_":["terms",[…],-1]}`                           |
 * |                             | a factor is `[symbol,power]` or `[symbol,power,offset,divisor]` |
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

const TERMS = 'terms';

const termsToJson = ({ terms }: PolynomialNumber): Json =>
  terms.map(({ coefficient, factors }) => [
    numberToJson(coefficient),
    ...factors.map(({ symbol, power, offset = 0, divisor }) =>
      divisor === undefined && offset === 0
        ? [symbol, power]
        : [symbol, power, offset, divisor ?? 1],
    ),
  ]);

const numberToJson = (value: SymbolicNumber): Json => {
  if (typeof value !== 'number') {
    const parts = 'batch' in value ? value.batch.map(numberToJson) : [TERMS, termsToJson(value)];
    return { [escapeKey]: [...parts, ...(value.reciprocal ? [-1] : [])] };
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

const factorFromJson = (json: unknown): SizeFactor => {
  const parts: readonly unknown[] = Array.isArray(json) ? json : [];
  const [symbol, power, offset, divisor] = parts;
  const isFactor = typeof symbol === 'string' && typeof power === 'number';
  if (isFactor && parts.length === 2) return { symbol, power };
  const isDivided = typeof offset === 'number' && typeof divisor === 'number';
  if (isFactor && isDivided && parts.length === 4) return { symbol, power, offset, divisor };
  return fail('a factor', json);
};

const termFromJson = (json: unknown, depth: number): SizeTerm => {
  const [first, ...factors]: readonly unknown[] = Array.isArray(json) ? json : [];
  const coefficient = fromJson(first, depth + 1);
  if (typeof coefficient !== 'number') return fail('a term', json);
  return { coefficient, factors: factors.map(factorFromJson) };
};

const termsFromJson = (json: readonly unknown[], depth: number): PolynomialNumber => {
  const [, terms, reciprocal] = json;
  const isValid = json.length === 2 || (json.length === 3 && reciprocal === -1);
  if (!isValid || !Array.isArray(terms)) return fail('terms', json);
  return {
    terms: terms.map((term: unknown) => termFromJson(term, depth + 1)),
    ...(reciprocal === -1 && { reciprocal: true }),
  };
};

const numberFromJson = (json: readonly unknown[], depth: number): SymbolicNumber => {
  if (json[0] === TERMS) return termsFromJson(json, depth);
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

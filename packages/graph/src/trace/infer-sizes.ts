import { BATCH, evaluate, numberKey, type Sizes } from '../ir/symbolic-numbers';
import type {
  BatchNumber,
  PolynomialNumber,
  SizeFactor,
  SizeTerm,
  SymbolicNumber,
} from '../ir/types';
import { inferNumber, roundings } from './infer-numbers';

/** A number at some sizes of the open dimensions. */
export interface SizeSample {
  readonly sizes: Sizes;
  readonly value: number;
}

type Stored = (value: number) => number;

const multiply = (left: readonly SizeTerm[], right: readonly SizeTerm[]): SizeTerm[] =>
  left.flatMap((a) =>
    right.map((b) => ({
      coefficient: a.coefficient * b.coefficient,
      factors: [...a.factors, ...b.factors],
    })),
  );

const constant = (coefficient: number): SizeTerm => ({ coefficient, factors: [] });

/** Adds up terms with the same factors. */
const collect = (terms: readonly SizeTerm[]): SizeTerm[] => {
  const collected = new Map<string, SizeTerm>();
  for (const { coefficient, factors } of terms) {
    const key = numberKey({ terms: [{ coefficient: 1, factors }] });
    const sum = (collected.get(key)?.coefficient ?? 0) + coefficient;
    collected.set(key, { coefficient: sum, factors });
  }
  return [...collected.values()];
};

const rounded = (terms: readonly SizeTerm[], round: (value: number) => number): SizeTerm[] =>
  // Adding 0 makes a negative zero positive.
  terms.flatMap(({ coefficient, factors }) => {
    const value = round(coefficient) + 0;
    return value === 0 ? [] : [{ coefficient: value, factors }];
  });

const fits = (number: SymbolicNumber, samples: readonly SizeSample[], stored: Stored): boolean =>
  samples.every(({ sizes, value }) => stored(evaluate(number, sizes)) === value);

/** The polynomial with the shortest coefficients near the given ones that fits all samples. */
const fitted = (
  terms: readonly SizeTerm[],
  reciprocal: boolean,
  samples: readonly SizeSample[],
  stored: Stored,
): PolynomialNumber | undefined => {
  const collected = collect(terms);
  for (const round of roundings.flat()) {
    const number = { terms: rounded(collected, round), ...(reciprocal && { reciprocal }) };
    if (fits(number, samples, stored)) return number;
  }
  return undefined;
};

const polynomialOf = ({ batch, reciprocal }: BatchNumber, base: SizeFactor): PolynomialNumber => ({
  terms: batch.flatMap((coefficient, power) => {
    if (coefficient === 0) return [];
    return [{ coefficient, factors: power === 0 ? [] : [{ ...base, power }] }];
  }),
  ...(reciprocal && { reciprocal }),
});

/** What a number may depend on instead of a size: the size, divided by a stride. */
const basesOf = (symbol: string, strides: readonly number[]): SizeFactor[] => [
  { symbol, power: 1 },
  ...strides.flatMap((divisor) =>
    Array.from({ length: divisor }, (_, offset) => ({ symbol, power: 1, offset, divisor })),
  ),
];

const byBase = (
  samples: readonly SizeSample[],
  base: SizeFactor,
): { readonly size: number; readonly value: number }[] | undefined => {
  const values = new Map<number, number>();
  for (const { sizes, value } of samples) {
    const size = evaluate({ terms: [{ coefficient: 1, factors: [base] }] }, sizes);
    if (values.has(size) && values.get(size) !== value) return undefined;
    values.set(size, value);
  }
  // Three determine a polynomial, and another one confirms it.
  return values.size < 4 ? undefined : [...values].map(([size, value]) => ({ size, value }));
};

/** A number that depends on the size of one dimension alone. */
const inferInOne = (
  symbol: string,
  samples: readonly SizeSample[],
  strides: readonly number[],
  stored: Stored,
): SymbolicNumber | undefined => {
  for (const base of basesOf(symbol, strides)) {
    const values = byBase(samples, base);
    const number = values && inferNumber(values, stored);
    if (typeof number === 'number') return number;
    if (number === undefined) continue;
    return symbol === BATCH && base.divisor === undefined ? number : polynomialOf(number, base);
  }
  return undefined;
};

/** The terms of a number that depends on one dimension. */
const termsOf = (number: BatchNumber | PolynomialNumber): readonly SizeTerm[] =>
  ('batch' in number ? polynomialOf(number, { symbol: BATCH, power: 1 }) : number).terms;

/** Polynomials that may fit: a product of one in each dimension, their sum, and a sum with products. */
const combinations = (
  parts: readonly (readonly SizeTerm[])[],
  atBase: number,
  joint: SizeSample | undefined,
): SizeTerm[][] => {
  const product = parts.reduce(multiply);
  const scale = atBase ** (parts.length - 1);
  const sum = [...parts.flat(), constant(-atBase * (parts.length - 1))];
  const changes = parts.map((part) => [...part, constant(-atBase)]).reduce(multiply);
  const change = joint && evaluate({ terms: changes }, joint.sizes);
  const rest = joint && joint.value - evaluate({ terms: sum }, joint.sizes);
  return [
    multiply(product, [constant(1 / scale)]),
    sum,
    change === undefined || rest === undefined
      ? []
      : [...sum, ...multiply(changes, [constant(rest / change)])],
  ].filter((terms) => terms.length > 0 && terms.every((t) => Number.isFinite(t.coefficient)));
};

/**
 * Infers how a number depends on the sizes of several open dimensions.
 *
 * @param samples the first one at base sizes; then for each dimension at least three that differ from it in
 *   this size alone; then some that differ in all sizes, which confirm what the others suggest
 * @param strides by which sizes may be divided
 * @param stored rounds a number as storing it does, such as `Math.fround` for a float32 tensor
 * @returns undefined if the number is none that a graph can express
 */
export const inferInSizes = (
  samples: readonly SizeSample[],
  strides: readonly number[],
  stored: Stored = (value) => value,
): SymbolicNumber | undefined => {
  const [base] = samples;
  if (base === undefined) return undefined;
  if (samples.every(({ value }) => Object.is(value, base.value))) return base.value;
  const symbols = [...base.sizes.keys()];
  const differsIn = ({ sizes }: SizeSample): readonly string[] =>
    symbols.filter((symbol) => sizes.get(symbol) !== base.sizes.get(symbol));
  const axis = (symbol: string) =>
    samples.filter((sample) => !differsIn(sample).some((s) => s !== symbol));
  const deciding = symbols.filter((symbol) =>
    axis(symbol).some(({ value }) => value !== base.value),
  );
  const [only, ...others] = deciding;
  if (only === undefined) return undefined;
  if (others.length === 0) {
    const number = inferInOne(only, samples, strides, stored);
    return number !== undefined && fits(number, samples, stored) ? number : undefined;
  }
  const alone = deciding.flatMap((symbol) => {
    const number = inferInOne(symbol, axis(symbol), strides, stored);
    return number === undefined || typeof number === 'number' ? [] : [number];
  });
  const reciprocal = alone[0]?.reciprocal === true;
  const isUniform = alone.every((number) => (number.reciprocal === true) === reciprocal);
  if (alone.length < deciding.length || !isUniform) return undefined;
  const parts = alone.map(termsOf);
  const [part = []] = parts;
  const joint = samples.find((sample) => deciding.every((s) => differsIn(sample).includes(s)));
  const atJoint = joint && {
    sizes: joint.sizes,
    value: reciprocal ? 1 / joint.value : joint.value,
  };
  for (const terms of combinations(parts, evaluate({ terms: part }, base.sizes), atJoint)) {
    const number = fitted(terms, reciprocal, samples, stored);
    if (number !== undefined) return number;
  }
  return undefined;
};

import { batchSizes, evaluate } from '../ir/symbolic-numbers';
import type { BatchNumber } from '../ir/types';

/** A number at one size of the only open dimension that it depends on. */
export interface Sample {
  readonly size: number;
  readonly value: number;
}

type Coefficients = readonly [a: number, b: number, c: number];

/** The parabola through three points. Source: Newton's divided differences. */
const through = ([first, second, third]: readonly Sample[]): Coefficients | undefined => {
  if (first === undefined || second === undefined || third === undefined) return undefined;
  const { size: x0, value: y0 } = first;
  const { size: x1, value: y1 } = second;
  const { size: x2, value: y2 } = third;
  const slope = (y1 - y0) / (x1 - x0);
  const c = ((y2 - y1) / (x2 - x1) - slope) / (x2 - x0);
  return [y0 - slope * x0 + c * x0 * x1, slope - c * (x0 + x1), c];
};

/** Coefficients that may fit, the simplest first: one term alone, then all three. */
const candidates = (samples: readonly Sample[]): Coefficients[] => {
  const [first] = samples;
  const full = through(samples);
  if (first === undefined || full === undefined) return [];
  const { size, value } = first;
  return [[0, value / size, 0], [0, 0, value / size ** 2], full];
};

const decimals = (digits: number) => (value: number) =>
  Math.round(value * 10 ** digits) / 10 ** digits;

type Round = (value: number) => number;

/**
 * The true coefficients are usually integers or short decimals, which the rounding of the samples hides.
 * Many numbers fit rounded samples, so the shortest ones are taken: also those of a reciprocal before
 * long ones of a polynomial.
 */
export const roundings: readonly (readonly Round[])[] = [
  [decimals(0), decimals(1), decimals(2), decimals(4)],
  [(value) => (Math.abs(value) < 1e-9 ? 0 : Number(value.toPrecision(6))), (value) => value],
];

const fits = (
  number: BatchNumber,
  samples: readonly Sample[],
  stored: (value: number) => number,
): boolean =>
  samples.every(({ size, value }) => stored(evaluate(number, batchSizes(size))) === value);

/**
 * Infers how a number depends on the size of one dimension, which the result calls the batch.
 *
 * @param samples at four or more sizes: three determine the coefficients, the others confirm them
 * @param stored rounds a number as storing it does, such as `Math.fround` for a float32 tensor
 * @returns undefined if the number is neither a polynomial of degree 2 or less nor the reciprocal of one
 */
export const inferNumber = (
  samples: readonly Sample[],
  stored: (value: number) => number = (value) => value,
): number | BatchNumber | undefined => {
  const [first] = samples;
  if (first === undefined) return undefined;
  if (samples.every(({ value }) => Object.is(value, first.value))) return first.value;
  const reciprocals = samples.map(({ size, value }) => ({ size, value: 1 / value }));
  for (const rounds of roundings) {
    for (const reciprocal of [false, true]) {
      for (const coefficients of candidates(reciprocal ? reciprocals : samples)) {
        for (const round of rounds) {
          const number = toNumber(coefficients.map(round), reciprocal);
          if (number !== undefined && fits(number, samples, stored)) return number;
        }
      }
    }
  }
  return undefined;
};

const toNumber = (
  [a = 0, b = 0, c = 0]: readonly number[],
  reciprocal: boolean,
): BatchNumber | undefined => {
  if (![a, b, c].every(Number.isFinite)) return undefined;
  // Adding 0 makes a negative zero positive.
  return { batch: [a + 0, b + 0, c + 0], ...(reciprocal && { reciprocal }) };
};

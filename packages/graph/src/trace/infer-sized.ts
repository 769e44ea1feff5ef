import { evaluate } from '../graph/sized';
import type { Sized } from '../graph/types';

/** A number as it was at one batch size. */
export interface Sample {
  readonly batchSize: number;
  readonly value: number;
}

type Coefficients = readonly [a: number, b: number, c: number];

/** The parabola through three points. Source: Newton's divided differences. */
const through = ([first, second, third]: readonly Sample[]): Coefficients | undefined => {
  if (first === undefined || second === undefined || third === undefined) return undefined;
  const { batchSize: x0, value: y0 } = first;
  const { batchSize: x1, value: y1 } = second;
  const { batchSize: x2, value: y2 } = third;
  const slope = (y1 - y0) / (x1 - x0);
  const c = ((y2 - y1) / (x2 - x1) - slope) / (x2 - x0);
  return [y0 - slope * x0 + c * x0 * x1, slope - c * (x0 + x1), c];
};

/** What the samples suggest, the simplest first: one term alone, then all three. */
const suggestions = (samples: readonly Sample[]): Coefficients[] => {
  const [first] = samples;
  const full = through(samples);
  if (first === undefined || full === undefined) return [];
  const { batchSize, value } = first;
  return [[0, value / batchSize, 0], [0, 0, value / batchSize ** 2], full];
};

const decimals = (digits: number) => (value: number) =>
  Math.round(value * 10 ** digits) / 10 ** digits;

/**
 * What was meant is most often a whole or a short number, which the rounding of the samples hides. The
 * shortest one that fits is taken, since the same rounding makes others fit as well.
 */
const roundings: readonly ((value: number) => number)[] = [
  decimals(0),
  decimals(1),
  decimals(2),
  decimals(4),
  (value) => (Math.abs(value) < 1e-9 ? 0 : Number(value.toPrecision(6))),
  (value) => value,
];

const holds = (sized: Sized, samples: readonly Sample[], stored: (value: number) => number) =>
  samples.every(({ batchSize, value }) => stored(evaluate(sized, batchSize)) === value);

/**
 * How a number follows from the batch size.
 *
 * @param samples at four batch sizes or more: three decide, the others confirm
 * @param stored what becomes of a number when it is stored, as `Math.fround` in a float32 tensor
 * @returns undefined when it is neither a polynomial of second degree nor 1 over one
 */
export const inferSized = (
  samples: readonly Sample[],
  stored: (value: number) => number = (value) => value,
): Sized | undefined => {
  const [first] = samples;
  if (first === undefined) return undefined;
  if (samples.every(({ value }) => Object.is(value, first.value))) return first.value;
  for (const reciprocal of [false, true]) {
    const points = reciprocal
      ? samples.map(({ batchSize, value }) => ({ batchSize, value: 1 / value }))
      : samples;
    for (const coefficients of suggestions(points)) {
      for (const round of roundings) {
        // Adding 0 turns a negative zero into a plain one.
        const [a, b, c] = coefficients.map((value) => round(value) + 0) as [number, number, number];
        const sized: Sized = { batch: [a, b, c], ...(reciprocal && { reciprocal }) };
        if ([a, b, c].every(Number.isFinite) && holds(sized, samples, stored)) return sized;
      }
    }
  }
  return undefined;
};

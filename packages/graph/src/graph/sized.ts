import type { Sized, TensorSpec } from './types';

/** Whether a value is a number that may follow from the batch size, and not another object. */
export const isSized = (value: unknown): value is Sized =>
  typeof value === 'number' ||
  (typeof value === 'object' && value !== null && 'batch' in value && Array.isArray(value.batch));

/** Whether the batch size decides the number. */
export const dependsOnBatch = (sized: Sized): boolean => typeof sized !== 'number';

/**
 * The number at a batch size.
 *
 * @param batchSize at least 0; undefined will do for a number that does not depend on it
 * @throws RangeError when the number depends on a batch size that is not given
 */
export const evaluate = (sized: Sized, batchSize: number | undefined): number => {
  if (typeof sized === 'number') return sized;
  if (batchSize === undefined) {
    throw new RangeError('This size follows from the batch size, and no batch size is known.');
  }
  const [a, b, c] = sized.batch;
  const value = a + b * batchSize + c * batchSize * batchSize;
  return sized.reciprocal ? 1 / value : value;
};

/** The shape at a batch size. */
export const evaluateShape = (
  shape: TensorSpec['shape'],
  batchSize: number | undefined,
): number[] => shape.map((dimension) => evaluate(dimension, batchSize));

/** Whether two numbers are the same at every batch size. */
export const equalSized = (left: Sized, right: Sized): boolean => {
  if (typeof left === 'number' || typeof right === 'number') return Object.is(left, right);
  return (
    left.reciprocal === right.reciprocal &&
    left.batch.every((coefficient, index) => Object.is(coefficient, right.batch[index]))
  );
};

/** The number for a reader: `3`, `2·batch`, `1 / (4·batch)`. */
export const formatSized = (sized: Sized): string => {
  if (typeof sized === 'number') return String(sized);
  const powers = ['', 'batch', 'batch²'];
  const terms = sized.batch.flatMap((coefficient, power) => {
    if (coefficient === 0) return [];
    if (power === 0) return [String(coefficient)];
    return [coefficient === 1 ? powers[power] : `${coefficient}·${powers[power]}`];
  });
  const sum = terms.join(' + ') || '0';
  if (!sized.reciprocal) return sum;
  return `1 / ${terms.length > 1 || sum.includes('·') ? `(${sum})` : sum}`;
};

import type { SymbolicNumber, TensorType } from './types';

/** Tells numbers from the other values of an attribute. */
export const isSymbolicNumber = (value: unknown): value is SymbolicNumber =>
  typeof value === 'number' ||
  (typeof value === 'object' && value !== null && 'batch' in value && Array.isArray(value.batch));

export const dependsOnBatch = (value: SymbolicNumber): boolean => typeof value !== 'number';

/**
 * The number at a batch size.
 *
 * @param batchSize at least 0; may be undefined for a number that does not depend on it
 * @throws RangeError if the number depends on the batch size and none is given
 */
export const evaluate = (value: SymbolicNumber, batchSize: number | undefined): number => {
  if (typeof value === 'number') return value;
  if (batchSize === undefined) {
    throw new RangeError(
      'A number of the graph depends on the batch size, which is not known. Feed a placeholder whose ' +
        'first dimension is the batch.',
    );
  }
  const [a, b, c] = value.batch;
  const sum = a + b * batchSize + c * batchSize * batchSize;
  return value.reciprocal ? 1 / sum : sum;
};

export const evaluateShape = (
  shape: TensorType['shape'],
  batchSize: number | undefined,
): number[] => shape.map((dimension) => evaluate(dimension, batchSize));

/** Whether two numbers are equal at every batch size. */
export const equalNumbers = (left: SymbolicNumber, right: SymbolicNumber): boolean => {
  if (typeof left === 'number' || typeof right === 'number') return Object.is(left, right);
  return (
    left.reciprocal === right.reciprocal &&
    left.batch.every((coefficient, power) => Object.is(coefficient, right.batch[power]))
  );
};

/** Whether two tensors have the same dtype and shape at every batch size. */
export const equalTypes = (left: TensorType, right: TensorType): boolean =>
  left.dtype === right.dtype &&
  left.shape.length === right.shape.length &&
  left.shape.every((dimension, axis) => equalNumbers(dimension, right.shape[axis] ?? Number.NaN));

/** The number for a message: `3`, `2·batch`, `1 / (4·batch)`. */
export const formatNumber = (value: SymbolicNumber): string => {
  if (typeof value === 'number') return String(value);
  const powers = ['', 'batch', 'batch²'];
  const terms = value.batch.flatMap((coefficient, power) => {
    if (coefficient === 0) return [];
    if (power === 0) return [String(coefficient)];
    return [coefficient === 1 ? powers[power] : `${coefficient}·${powers[power]}`];
  });
  const sum = terms.join(' + ') || '0';
  if (!value.reciprocal) return sum;
  return `1 / ${terms.length > 1 || sum.includes('·') ? `(${sum})` : sum}`;
};

/** The shape for a message: `[batch, 3]`. */
export const formatShape = (shape: readonly SymbolicNumber[]): string =>
  `[${shape.map(formatNumber).join(', ')}]`;

/** The type for a message: `float32 [batch, 3]`. */
export const formatType = ({ dtype, shape }: TensorType): string =>
  `${dtype} ${formatShape(shape)}`;

import { ExplainedTypeError } from '@elistimator/internal';

/** A dataset was built from, or yielded, values that cannot become tensors or do not fit together. */
export class DatasetError extends ExplainedTypeError {
  override readonly name = 'DatasetError';
}

/** The kind of a value, for the `actual` part of a message. */
export const describeValue = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return value.constructor?.name ?? 'an object';
};

/**
 * Checks a count that a dataset method takes.
 *
 * @param subject the parameter, for messages: `batch(batchSize)`
 * @param options.minimum the smallest count allowed
 * @param options.everything the number that stands for "all elements", as -1 does in tf.data
 * @returns the count; Infinity for `everything` and for Infinity itself
 * @throws DatasetError if it is not an integer of at least `minimum`
 */
export const assertCount = (
  count: number,
  subject: string,
  { minimum, everything }: { minimum: number; everything?: -1 },
): number => {
  if (everything !== undefined && (count === everything || count === Number.POSITIVE_INFINITY)) {
    return Number.POSITIVE_INFINITY;
  }
  if (Number.isSafeInteger(count) && count >= minimum) return count;
  throw new DatasetError({
    subject,
    expected: `an integer of at least ${minimum}${everything === undefined ? '' : `, or ${everything} for all`}`,
    actual: String(count),
    fix: 'Pass a whole number.',
  });
};

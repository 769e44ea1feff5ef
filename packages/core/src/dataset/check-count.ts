import { DatasetError } from './dataset-error';

/**
 * A count that a dataset method takes.
 *
 * @param subject the parameter, as `batch(batchSize)`
 * @param everything what stands for "all there are", beside Infinity: -1 in tf.data
 * @returns the count; Infinity for `everything`
 * @throws DatasetError when it is no integer from `minimum` up
 */
export const checkCount = (
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
    fix: 'Give a whole number.',
  });
};

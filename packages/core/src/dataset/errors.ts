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

/** Whether something was thrown to end the work early: an AbortError is no failure. */
const isAbort = (thrown: unknown): boolean =>
  thrown instanceof Error && thrown.name === 'AbortError';

/**
 * The error to throw when a function of the user throws: it says in which stage and at which element.
 *
 * @param subject the stage and the element: `function passed to map(), element 5`
 * @param thrown becomes the `cause`
 * @returns `thrown` itself if it is an AbortError, or a DatasetError, which has a subject already
 */
export const userError = (subject: string, thrown: unknown): unknown => {
  if (isAbort(thrown) || thrown instanceof DatasetError) return thrown;
  const error = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new DatasetError(
    {
      subject,
      expected: 'a result',
      actual: error,
      fix: 'Correct the function; its error is the `cause` of this one.',
    },
    { cause: thrown },
  );
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

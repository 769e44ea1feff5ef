import { type Batch, batchOf } from './batch';
import { Dataset, isBatched, planOf } from './dataset';
import { elementOf, isTensor, releaseElement } from './element';
import { DatasetError, describeValue } from './errors';
import { aliasedElement } from './hand-over';
import { isNumericArray } from './host-array';
import { type AnyIterator, foreignStage, hasMethod } from './iterators';
import { isOneShot, type OpenedIterator, openOnce } from './one-shot';
import { andThen, type EpochStart, type MaybePromise, type Stage } from './stage';

/** The batches of anything that an input function may return. */
export interface BatchSource {
  /** Whether it can be opened more than once. False for iterators, running generators and streams. */
  readonly isReiterable: boolean;
  /** Whether the order of its batches depends on the number of the epoch. */
  readonly dependsOnEpoch: boolean;
  /** Whether it is a Dataset on which `batch()` was not called. Its elements may still be batches. */
  readonly lacksBatch: boolean;
  /** Starts an epoch. `close()` ends it early and frees what was fetched ahead. */
  open(start: EpochStart): MaybePromise<Stage<Batch>>;
}

/** How `batchSource()` reads a value. */
export interface BatchSourceOptions {
  /** Names for the members of tuples; their positions '0', '1', … by default. */
  readonly dataKeys?: readonly string[] | undefined;
  /** Tensors with an id of at least this are taken over; earlier ones stay the user's. 0 by default. */
  readonly since?: number;
}

/** Returns how to start an epoch of a foreign source; undefined if there is no way. */
const openerOf = (
  value: unknown,
  subject: string,
): (() => MaybePromise<OpenedIterator | undefined>) | undefined => {
  if (isTensor(value) || isNumericArray(value)) return undefined;
  const isIterable = hasMethod(value, Symbol.asyncIterator) || hasMethod(value, Symbol.iterator);
  if (isIterable || hasMethod(value, 'next')) return () => openOnce(value, subject);
  // A tf.data.Dataset: its `iterator()` resolves to something with `next()`.
  if (hasMethod(value, 'iterator')) {
    return () =>
      andThen(value.iterator() as MaybePromise<AnyIterator>, (iterator) => ({ iterator }));
  }
  return undefined;
};

/** Converts elements one by one. `convert` gets the number of the element within the epoch. */
const convertStage = <E>(
  stage: Stage<E>,
  first: number,
  convert: (element: E, index: number) => Batch,
): Stage<Batch> => {
  let index = first;
  return {
    next: () => andThen(stage.next(), (element) => element && convert(element, index++)),
    close: () => stage.close(),
  };
};

const sourceOfDataset = (
  dataset: Dataset<unknown>,
  subject: string,
  dataKeys: readonly string[] | undefined,
): BatchSource => ({
  isReiterable: true,
  dependsOnEpoch: true,
  lacksBatch: !isBatched(dataset),
  open: (start) =>
    convertStage(planOf(dataset).open(start), start.skip, (element, index) => {
      try {
        return batchOf(element, `${subject}, batch ${index}`, { dataKeys });
      } catch (error) {
        releaseElement(element);
        throw error;
      }
    }),
});

/**
 * Adapts the result of an input function: a Dataset, a `tf.data.Dataset`, a sync or async iterable of
 * batches, or an iterator or running generator, which can be opened only once.
 *
 * A batch is a dictionary or a tuple of tensors, typed arrays, `{ data, shape }` or nested arrays. The
 * tensors in a plain array of batches stay the user's; every other source hands its tensors over. Each
 * batch gets aliases, so that a tensor may be handed over again.
 *
 * @param subject what the value is, for messages: `trainInputFn`
 * @throws DatasetError if the value is none of these, or if `dataKeys` has duplicates; while pulling,
 *   if a batch is not a dictionary or tuple, or one of its members cannot become a tensor
 */
export const batchSource = (
  value: unknown,
  subject: string,
  { dataKeys, since = 0 }: BatchSourceOptions = {},
): BatchSource => {
  if (dataKeys && new Set(dataKeys).size !== dataKeys.length) {
    throw new DatasetError({
      subject: 'dataKeys',
      expected: 'a different name for each member',
      actual: dataKeys.join(', '),
      fix: 'List each name once.',
    });
  }
  if (value instanceof Dataset) return sourceOfDataset(value, subject, dataKeys);
  const openIterator = openerOf(value, subject);
  if (!openIterator) {
    throw new DatasetError({
      subject,
      expected: 'a Dataset, a tf.data.Dataset, or an iterable of batches',
      actual: describeValue(value),
      fix: 'Return Dataset.fromTensorSlices({ x, y }).batch(n), or a generator of { x, y }.',
    });
  }
  const isArray = Array.isArray(value);
  const read = (yielded: unknown, batchSubject: string): Batch => {
    // An iterator may fill the same array again for its next batch.
    const element = elementOf(yielded, batchSubject, { noun: 'feature', copy: !isArray });
    return batchOf(aliasedElement(element, batchSubject, 'feature'), batchSubject, { dataKeys });
  };
  return {
    isReiterable: !isOneShot(value),
    dependsOnEpoch: false,
    lacksBatch: false,
    open: ({ skip }) =>
      andThen(openIterator(), (opened) => {
        if (!opened) throw new TypeError(`${subject}: no iterator.`);
        return foreignStage(opened.iterator, {
          skip,
          since: isArray ? Number.POSITIVE_INFINITY : since,
          subjectOf: (index) => `${subject}, batch ${index}`,
          read,
          onLeft: opened.onLeft,
        });
      }),
  };
};

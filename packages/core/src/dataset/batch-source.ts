import * as tf from '@tensorflow/tfjs';
import { type Batch, batchOf } from './batch';
import { Dataset, planOf } from './dataset';
import { elementOf, isTensor, releaseElement } from './element';
import { DatasetError, describeValue } from './errors';
import { isNumericArray } from './host-array';
import {
  type AnyIterator,
  disposeYielded,
  hasMethod,
  iteratorStage,
  openIterable,
} from './iterators';
import { andThen, dropFirst, type EpochStart, type MaybePromise, type Stage } from './stage';

/** The batches of anything that an input function may return. */
export interface BatchSource {
  /** Whether it can be opened more than once. False for iterators and running generators. */
  readonly isReiterable: boolean;
  /** Starts an epoch. `close()` ends it early and frees what was fetched ahead. */
  open(start: EpochStart): MaybePromise<Stage<Batch>>;
}

/** Returns how to start an epoch of a foreign source; undefined if there is no way. */
const openerOf = (value: unknown): (() => MaybePromise<AnyIterator>) | undefined => {
  if (isTensor(value) || isNumericArray(value)) return undefined;
  if (hasMethod(value, 'next')) return () => value as unknown as AnyIterator;
  const isIterable = hasMethod(value, Symbol.asyncIterator) || hasMethod(value, Symbol.iterator);
  if (isIterable) return () => openIterable(value) as AnyIterator;
  // A tf.data.Dataset: its `iterator()` resolves to something with `next()`.
  if (hasMethod(value, 'iterator')) return () => value.iterator() as MaybePromise<AnyIterator>;
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
 * tensors in a plain array of batches stay the user's; every other source hands its tensors over.
 *
 * @param subject what the value is, for messages: `trainInputFn`
 * @param dataKeys names for the members of tuples; their positions '0', '1', … by default
 * @throws DatasetError if the value is none of these, or if `dataKeys` has duplicates; while pulling,
 *   if a batch is not a dictionary or tuple, or one of its members cannot become a tensor
 */
export const batchSource = (
  value: unknown,
  subject: string,
  dataKeys?: readonly string[],
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
  const openIterator = openerOf(value);
  if (!openIterator) {
    throw new DatasetError({
      subject,
      expected: 'a Dataset, a tf.data.Dataset, or an iterable of batches',
      actual: describeValue(value),
      fix: 'Return Dataset.fromTensorSlices({ x, y }).batch(n), or a generator of { x, y }.',
    });
  }
  const areBorrowed = Array.isArray(value);
  const release = areBorrowed ? () => {} : disposeYielded;
  const read = (result: IteratorYieldResult<unknown>, index: number): Batch => {
    const batchSubject = `${subject}, batch ${index}`;
    try {
      // An iterator may fill the same array again for its next batch.
      const options = { noun: 'feature', copy: !areBorrowed };
      const element = elementOf(result.value, batchSubject, options);
      return batchOf(element, batchSubject, { dataKeys, isBorrowed: () => areBorrowed });
    } catch (error) {
      // Nested tensors are an error too, and were handed over all the same.
      if (!areBorrowed) tf.dispose(result.value as tf.TensorContainer);
      throw error;
    }
  };
  return {
    isReiterable: !hasMethod(value, 'next'),
    open: ({ skip }) =>
      andThen(openIterator(), (iterator) =>
        convertStage(dropFirst(iteratorStage(iterator), skip, release), skip, read),
      ),
  };
};

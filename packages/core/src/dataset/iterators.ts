import * as tf from '@tensorflow/tfjs';
import { userError } from './errors';
import { HandOver, tensorsIn } from './hand-over';
import { andThen, dropFirst, type MaybePromise, type Stage, withHandlers } from './stage';

/** The parts that all iterators share, synchronous or not. */
export interface AnyIterator {
  next(): MaybePromise<IteratorResult<unknown>>;
  return?(): unknown;
}

/** Whether a value has a method of this name. */
export const hasMethod = <K extends string | symbol>(
  value: unknown,
  key: K,
): value is Record<K, () => unknown> =>
  typeof value === 'object' &&
  value !== null &&
  key in value &&
  typeof (value as Record<K, unknown>)[key] === 'function';

/** Converts thenables to native promises, since stages tell promises by their class. */
const nativePromise = <T>(value: MaybePromise<T>): MaybePromise<T> =>
  !(value instanceof Promise) && hasMethod(value, 'then') ? Promise.resolve(value) : value;

/** Starts iterating; undefined if the value is not iterable. */
export const openIterable = (value: unknown): AnyIterator | undefined => {
  if (hasMethod(value, Symbol.asyncIterator)) return value[Symbol.asyncIterator]() as AnyIterator;
  if (hasMethod(value, Symbol.iterator)) return value[Symbol.iterator]() as AnyIterator;
  return undefined;
};

/**
 * Pulls from an iterator. As in `for await`, an iterator that ended or failed by itself is not told
 * to return.
 *
 * @param onLeft called when the iterator is left; `canContinue` says whether it may have more elements
 */
const iteratorStage = (
  iterator: AnyIterator,
  onLeft: (canContinue: boolean) => void,
): Stage<IteratorYieldResult<unknown>> => {
  let isOver = false;
  const read = (result: IteratorResult<unknown>) => {
    if (result.done) {
      onLeft(false);
      return undefined;
    }
    isOver = false;
    return result;
  };
  return {
    next: () => {
      if (isOver) return undefined;
      isOver = true;
      return andThen(nativePromise(iterator.next()), read);
    },
    close: () => {
      if (isOver) {
        onLeft(false);
        return;
      }
      isOver = true;
      onLeft(iterator.return === undefined);
      return andThen(nativePromise(iterator.return?.()), () => {});
    },
  };
};

/** How `foreignStage()` reads an iterator. */
export interface ForeignStageOptions<E> {
  /** The number of elements to leave out at the beginning, without reading their other members. */
  readonly skip: number;
  /** Tensors with an id of at least this are taken over; earlier ones stay the user's. */
  readonly since: number;
  /** Names an element by its number from 0, for messages. */
  readonly subjectOf: (index: number) => string;
  /** Reads what the iterator yielded. Its tensors stay in use until the next pull. */
  readonly read: (value: unknown, subject: string) => E;
  /** Called when the iterator is left; `canContinue` says whether it may have more elements. */
  readonly onLeft?: ((canContinue: boolean) => void) | undefined;
}

/** The elements of a user's iterator, which hands its tensors over. */
export const foreignStage = <E>(
  iterator: AnyIterator,
  { skip, since, subjectOf, read, onLeft = () => {} }: ForeignStageOptions<E>,
): Stage<E> => {
  const results = iteratorStage(iterator, onLeft);
  const handOver = new HandOver((tensor) => tensor.id >= since, { keepsConstants: true });
  let index = -1;
  const receive = (result: IteratorYieldResult<unknown> | undefined) => {
    if (result === undefined) handOver.close();
    else handOver.receive(tensorsIn(result.value));
    return result;
  };
  const fail = (error: unknown): never => {
    throw userError(subjectOf(index), error);
  };
  const received: Stage<IteratorYieldResult<unknown>> = {
    next: () => {
      index += 1;
      return withHandlers(() => results.next(), receive, fail);
    },
    close: () => {
      handOver.close();
      return results.close();
    },
  };
  const remaining = dropFirst(received, skip, () => {});
  const readResult = (result: IteratorYieldResult<unknown> | undefined): E | undefined => {
    if (result === undefined) return undefined;
    try {
      return read(result.value, subjectOf(index));
    } catch (error) {
      // Nested tensors are an error, and were handed over all the same.
      handOver.receive(tf.tensor_util.getTensorsInContainer(result.value as tf.TensorContainer));
      throw error;
    }
  };
  return {
    next: () => andThen(remaining.next(), readResult),
    close: () => remaining.close(),
  };
};

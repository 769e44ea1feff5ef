import { isTensor } from './element';
import { andThen, type MaybePromise, type Stage } from './stage';

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
 */
export const iteratorStage = (iterator: AnyIterator): Stage<IteratorYieldResult<unknown>> => {
  let isOver = false;
  const read = (result: IteratorResult<unknown>) => {
    if (result.done) return undefined;
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
      if (isOver) return;
      isOver = true;
      return andThen(nativePromise(iterator.return?.()), () => {});
    },
  };
};

/** Disposes the tensors in a dictionary or tuple that was skipped, without reading its other members. */
export const disposeYielded = ({ value }: IteratorYieldResult<unknown>): void => {
  if (typeof value !== 'object' || value === null) return;
  if (isTensor(value)) value.dispose();
  else for (const member of Object.values(value)) if (isTensor(member)) member.dispose();
};

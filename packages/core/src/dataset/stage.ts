/** A value, or a promise of it if something upstream is asynchronous. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * One running epoch of a dataset, pulled element by element. A pull is synchronous as long as
 * everything upstream is, so that no promise stands between a typed array and its batch.
 */
export interface Stage<E> {
  /** The next element; undefined at the end and from then on. Must not be called while a pull is pending. */
  next(): MaybePromise<E | undefined>;
  /** Releases everything that was fetched but not yet returned, here and upstream. */
  close(): MaybePromise<void>;
}

/** Where an epoch starts. */
export interface EpochStart {
  /** The number of the epoch, from 0. The order of a reshuffled dataset depends on it. */
  readonly epoch: number;
  /** The number of elements to leave out at the beginning. */
  readonly skip: number;
}

/** The recipe of a dataset. Elements are opaque to most operators: tensors, host arrays or row numbers. */
export interface Plan<E> {
  /** The number of elements in an epoch: Infinity if endless, undefined if unknown without running it. */
  readonly size: number | undefined;
  /**
   * Starts an epoch. Yields what an epoch with `skip: 0` would yield after its first `skip` elements,
   * without computing those where that is possible. Nothing is pulled before the first `next()`.
   */
  open(start: EpochStart): Stage<E>;
  /** Frees an element that is not handed out. */
  release(element: E): void;
}

/** Applies `fn` to a value immediately, or when its promise resolves. */
export const andThen = <T, R>(
  value: MaybePromise<T>,
  fn: (value: T) => MaybePromise<R>,
): MaybePromise<R> => (value instanceof Promise ? value.then(fn) : fn(value));

/** Passes what `fn` returns or resolves to to `onResult`, or what it throws or rejects with to `onError`. */
export const withHandlers = <T, R>(
  fn: () => MaybePromise<T>,
  onResult: (value: T) => R,
  onError: (error: unknown) => never,
): MaybePromise<R> => {
  let result: MaybePromise<T>;
  try {
    result = fn();
  } catch (error) {
    return onError(error);
  }
  return result instanceof Promise ? result.then(onResult, onError) : onResult(result);
};

/**
 * Pulls until `accept` returns false. Synchronous if the source and `accept` are.
 *
 * @param accept called with each element, and with undefined at the end
 */
export const drain = <E>(
  source: { next(): MaybePromise<E | undefined> },
  accept: (element: E | undefined) => MaybePromise<boolean>,
): MaybePromise<void> => {
  for (;;) {
    const pulled = source.next();
    if (pulled instanceof Promise) return drainAsync(source, accept, pulled.then(accept));
    const more = accept(pulled);
    if (more instanceof Promise) return drainAsync(source, accept, more);
    if (!more) return;
  }
};

const drainAsync = async <E>(
  source: { next(): MaybePromise<E | undefined> },
  accept: (element: E | undefined) => MaybePromise<boolean>,
  accepted: Promise<boolean>,
): Promise<void> => {
  let more = await accepted;
  while (more) more = await accept(await source.next());
};

/** Skips elements by pulling and releasing them, for stages that have no cheaper way. */
export const dropFirst = <E>(
  stage: Stage<E>,
  count: number,
  release: (element: E) => void,
): Stage<E> => {
  if (count === 0) return stage;
  let remaining = count;
  const drop = (element: E | undefined): boolean => {
    if (element === undefined) remaining = 0;
    else {
      remaining -= 1;
      release(element);
    }
    return remaining > 0;
  };
  return {
    next: () => (remaining === 0 ? stage.next() : andThen(drain(stage, drop), () => stage.next())),
    close: () => stage.close(),
  };
};

/**
 * Runs stages one after the other.
 *
 * @param open returns stage number `index`, from 0, or undefined if there are no more. `hadElements`
 *   says whether the stage before it yielded anything.
 */
export const chainStages = <E>(
  open: (index: number, hadElements: boolean) => Stage<E> | undefined,
): Stage<E> => {
  let index = 0;
  let current = open(index, true);
  let hadElements = false;
  let next: E | undefined;

  const source = { next: () => current?.next() };
  const accept = (element: E | undefined) => {
    next = element;
    if (element !== undefined) hadElements = true;
    if (element !== undefined || current === undefined) return false;
    return andThen(current.close(), () => {
      index += 1;
      current = open(index, hadElements);
      hadElements = false;
      return true;
    });
  };
  return {
    next: () => andThen(drain(source, accept), () => next),
    close: () => current?.close(),
  };
};

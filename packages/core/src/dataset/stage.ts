/** A value, or a promise of it where something upstream is asynchronous. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * One running pass over a dataset, pulled element by element. As long as everything upstream is
 * synchronous so is every pull: no promise stands between a typed array and its batch.
 */
export interface Stage<E> {
  /** The next element; undefined at the end, and from then on. Never called while a pull is pending. */
  next(): MaybePromise<E | undefined>;
  /** Releases what was fetched and not handed over, here and upstream. */
  close(): MaybePromise<void>;
}

/** A dataset's recipe. What flows may be row numbers or elements; the operators don't care. */
export interface Plan<E> {
  /** Elements of one pass: Infinity for endless ones, undefined when only running it would tell. */
  readonly size: number | undefined;
  /** @param iteration which pass it is, from 0; the order of a reshuffling dataset depends on it */
  open(iteration: number): Stage<E>;
  /** Frees an element that nobody will get. */
  release(element: E): void;
}

/** Applies `fn` to a value now, or when its promise resolves. */
export const andThen = <T, R>(
  value: MaybePromise<T>,
  fn: (value: T) => MaybePromise<R>,
): MaybePromise<R> => (value instanceof Promise ? value.then(fn) : fn(value));

/** Pulls until `accept`, which gets undefined at the end, says false. Synchronous if it can be. */
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

import { type Batch, batchOf } from './batch-of';
import { Dataset } from './dataset';
import { DatasetError } from './dataset-error';
import { describe } from './describe';
import { isTensor } from './element';
import { isNumericArray } from './numeric-array';
import type { MaybePromise } from './stage';

/** Batches as the loop takes them, whatever an input function returned. */
export interface BatchSource {
  /** Whether `iterate` works more than once. False of an iterator or a running generator. */
  readonly reiterable: boolean;
  /**
   * Starts a pass. `return()` ends it early and frees what was fetched ahead.
   *
   * @param iteration the number of the pass, from 0: a seeded dataset's order depends on it
   * @throws DatasetError when the source was used up by an earlier pass
   */
  iterate(iteration: number): AsyncIterator<Batch, undefined>;
}

export interface BatchSourceOptions {
  /** Names for the members of tuples; their positions '0', '1', … when absent. */
  readonly dataKeys?: readonly string[] | undefined;
}

/** What a pass pulls from; the parts of iterators that all of them have. */
interface Pullable {
  next(): MaybePromise<IteratorResult<unknown>>;
  return?(): unknown;
}

type Opened = MaybePromise<Pullable>;

const has = <K extends string | symbol>(
  value: unknown,
  key: K,
): value is Record<K, () => unknown> =>
  typeof value === 'object' &&
  value !== null &&
  key in value &&
  typeof (value as Record<K, unknown>)[key] === 'function';

/** How to start a pass over anything that an input function may return. */
const openerOf = (value: unknown): ((iteration: number) => Opened) | undefined => {
  if (isTensor(value) || isNumericArray(value)) return undefined;
  if (value instanceof Dataset) return (iteration) => value.iterate(iteration);
  if (has(value, 'next')) return () => value as unknown as Pullable;
  if (has(value, Symbol.asyncIterator)) return () => value[Symbol.asyncIterator]() as Pullable;
  if (has(value, Symbol.iterator)) return () => value[Symbol.iterator]() as Pullable;
  // A tf.data.Dataset of tfjs: its `iterator()` resolves to something with `next()`.
  if (has(value, 'iterator')) return () => value.iterator() as Opened;
  return undefined;
};

/**
 * Adapts what an input function returned: our Dataset, a tfjs `tf.data.Dataset`, a sync or async
 * iterable of batches, or an iterator or running generator, which gives one pass only.
 *
 * A batch is a dictionary or a tuple of tensors, typed arrays, `{ data, shape }` or nested arrays. In a
 * plain array of batches the tensors stay the user's; every other source hands its tensors over.
 *
 * @param subject what the value is, for messages: `result of trainInputFn`
 * @throws DatasetError when the value is none of these, or `dataKeys` names a member twice; while
 *   iterating, when a batch is no dictionary or tuple, or a member no value of a tensor
 */
export const batchSource = (
  value: unknown,
  subject: string,
  { dataKeys }: BatchSourceOptions = {},
): BatchSource => {
  if (dataKeys && new Set(dataKeys).size !== dataKeys.length) {
    throw new DatasetError({
      subject: 'dataKeys',
      expected: 'a different name for each member',
      actual: dataKeys.join(', '),
      fix: 'Name each member once.',
    });
  }
  const open = openerOf(value);
  if (!open) {
    throw new DatasetError({
      subject,
      expected: 'a Dataset, a tf.data.Dataset, or an iterable of batches',
      actual: describe(value),
      fix: 'Return Dataset.fromTensorSlices({ x, y }).batch(n), or a generator of { x, y }.',
    });
  }
  const reiterable = value instanceof Dataset || !has(value, 'next');
  const isHandedOver = !Array.isArray(value);
  let isUsed = false;
  return {
    reiterable,
    iterate: (iteration) => {
      if (isUsed && !reiterable) {
        throw new DatasetError({
          subject,
          expected: 'batches for one more pass',
          actual: 'an iterator that an earlier pass has used up',
          fix: 'Return a Dataset or another iterable, or start a new generator each time.',
        });
      }
      isUsed = true;
      return passOver(
        () => open(iteration),
        (element, position) =>
          batchOf(element, `${subject}, batch ${position}`, { dataKeys, isHandedOver }),
      );
    },
  };
};

async function* passOver(
  open: () => Opened,
  read: (element: unknown, position: number) => Batch,
): AsyncGenerator<Batch, undefined> {
  const iterator = await open();
  // Like `for await`: an iterator that ended or failed by itself is not told to return.
  let isOver = false;
  try {
    for (let position = 0; ; position++) {
      isOver = true;
      const result = await iterator.next();
      if (result.done) return undefined;
      isOver = false;
      yield read(result.value, position);
    }
  } finally {
    if (!isOver) await iterator.return?.();
  }
}

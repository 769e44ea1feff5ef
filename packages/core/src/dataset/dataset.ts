import { checkMethods, type Kind, required } from '@elistimator/internal';
import type * as tf from '@tensorflow/tfjs';
import { type BatchOptions, batched, batchedRows } from './batching';
import { operatorParameters, sourceParameters } from './dataset-arguments';
import { DatasetIterator } from './dataset-iterator';
import type { Element } from './element';
import { assertCount, DatasetError } from './errors';
import {
  type GeneratorElement,
  type GeneratorFunction,
  type GeneratorOptions,
  generated,
  generatorSignature,
} from './generator';
import { type InputSignature, mergeSignatures } from './input-signature';
import { concatenated, repeated, skipped, taken } from './operators';
import { prefetched } from './prefetch';
import { randomSeed, type ShuffleOptions, shuffled } from './shuffle';
import {
  type Column,
  elementsOf,
  rowOf,
  type Source,
  tableOf,
  tableSource,
  transform,
} from './source';
import type { Plan } from './stage';
import { filtered, mapped } from './user-functions';

/** Columns by name, or in order. */
export type Columns =
  | Readonly<Record<string, Column>>
  | readonly [Column, ...Column[]]
  | readonly Column[];

/** A dictionary or tuple with the members of another, all of them tensors. */
export type TensorsOf<C> = { -readonly [K in keyof C]: tf.Tensor };

/** Carries the names of a dataset's members in its type. No such property exists at run time. */
export declare const memberNames: unique symbol;

let readSource: (dataset: Dataset<unknown>) => Source;

/** The elements of a dataset before they are made into tensors, for the rest of this folder. */
export const planOf = (dataset: Dataset<unknown>): Plan<Element> => elementsOf(readSource(dataset));

/** Whether `batch()` was called on the way to a dataset. */
export const isBatched = (dataset: Dataset<unknown>): boolean => readSource(dataset).isBatched;

/**
 * A re-iterable sequence of elements, with the semantics of tf.data. Each method returns a new dataset;
 * nothing runs until an iteration starts.
 *
 * The tensors of an element belong to whoever iterates, who must dispose them. Leaving an epoch early,
 * by `break` or an error, frees everything that was fetched ahead.
 *
 * @typeParam T an element: a dictionary or a tuple of tensors
 *
 * @example
 * const dataset = Dataset.fromTensorSlices({ images: { data: pixels, shape: [60000, 784] }, labels })
 *   .shuffle(1000, { seed: 1 })
 *   .batch(56);
 * for await (const batch of dataset) {
 *   // batch.images: float32 [56,784], batch.labels: int32 [56]
 *   tf.dispose(batch);
 * }
 */
export class Dataset<T> implements AsyncIterable<T> {
  readonly #source: Source;
  #epochs = 0;
  /** The first of take() and skip() that was called on this dataset. */
  #cut: 'take' | 'skip' | undefined;

  declare readonly [memberNames]: { compare(name: keyof T): void }['compare'];

  static {
    readSource = (dataset) => dataset.#source;
  }

  private constructor(source: Source) {
    if (!isSource(source)) {
      throw new DatasetError({
        subject: 'new Dataset()',
        expected: 'a call of a static method',
        actual: 'a call of the constructor',
        fix: 'Call Dataset.fromTensorSlices() or Dataset.fromGenerator().',
      });
    }
    this.#source = source;
  }

  /**
   * Creates a dataset with one element for each row of the columns.
   *
   * Typed arrays are not copied, so they must not change while the dataset is in use. Tensors are read
   * at once and remain the caller's.
   *
   * The dtype of a column is float32 for numbers and float arrays, int32 for integer arrays, bool for
   * booleans and string for strings, unless `dtype` says otherwise. Values are widened batch by batch:
   * pixels in a Uint8Array with `dtype: 'float32'` take one byte each in the table.
   *
   * @param columns a dictionary or a tuple of columns with the same number of rows: tensors, nested
   *   arrays, typed arrays (one scalar per row), or `{ data, shape: [rows, …], dtype }`
   * @throws DatasetError that names the column that cannot become a tensor, does not fit its `dtype`, was disposed,
   *   or has a different number of rows
   */
  static fromTensorSlices<C extends Columns>(columns: C): Dataset<TensorsOf<C>> {
    return new Dataset(tableSource(tableOf(columns)));
  }

  /**
   * Creates a dataset of the elements that a generator yields: dictionaries or tuples of numbers,
   * booleans, strings, typed arrays, nested arrays, `{ data, shape }` (all copied), or tensors.
   *
   * The dataset takes over the tensors and disposes them, except those that existed before `fn` was called,
   * variables, and those passed to `tf.keep()`. A tensor may be a member of several elements: it is disposed
   * once an element without it follows, or at the end if it was created before the first element.
   *
   * @param fn called once per epoch with the number of the epoch, from 0; returns a sync or async iterable.
   *   An iterator or a stream can be returned only once.
   * @throws DatasetError, while iterating, that names the element and the member that cannot become a tensor,
   *   was disposed, or does not match `dtypes` and `shapes`; what `fn` throws is its `cause`
   */
  static fromGenerator<E extends GeneratorElement>(
    fn: GeneratorFunction<E>,
    options: GeneratorOptions = {},
  ): Dataset<TensorsOf<E>> {
    return new Dataset({
      plan: generated(fn, options),
      spec: generatorSignature(options),
      isBatched: false,
      isReshuffled: false,
    });
  }

  /**
   * The number of elements in an epoch: Infinity for an endless dataset, undefined if it is unknown
   * without iterating, as after filter() and fromGenerator().
   */
  get size(): number | undefined {
    return this.#source.plan.size;
  }

  /**
   * The dtype and shape of each member by name, or by position '0', '1', … in a tuple. null stands for a
   * dimension that varies, such as the batch dimension. undefined if it is unknown without iterating, as
   * after map().
   */
  get elementSpec(): InputSignature | undefined {
    return this.#source.spec;
  }

  /**
   * Shuffles the elements as tf.data does: draws at random from a buffer that is refilled from the input.
   * A buffer of the dataset's size shuffles uniformly; a smaller one moves no element forward by more
   * than its size.
   *
   * The order of an epoch depends only on the seed and the number of the epoch, so that another process
   * can produce epoch k with `dataset.iterate(k)`. Since epochs have different orders, don't split a
   * shuffled dataset into training and validation data with take() and skip(): elements would move between
   * the parts. Split before shuffle(), or with `reshuffleEachIteration: false` and a seed.
   *
   * @param bufferSize the number of elements to draw from, at least 1; -1 or Infinity for all
   * @throws DatasetError if bufferSize or the seed is not such an integer
   */
  shuffle(bufferSize: number, options: ShuffleOptions = {}): Dataset<T> {
    const { seed = randomSeed(), reshuffleEachIteration = true } = options;
    const size = assertCount(bufferSize, 'shuffle(bufferSize)', { minimum: 1, everything: -1 });
    assertCount(seed, 'shuffle(…, { seed })', { minimum: Number.MIN_SAFE_INTEGER });
    const shuffling = { seed, reshuffleEachIteration };
    const source = transform(this.#source, (plan) => shuffled(plan, size, shuffling));
    return new Dataset<T>({
      ...source,
      isReshuffled: source.isReshuffled || reshuffleEachIteration,
    });
  }

  /**
   * Stacks each `batchSize` consecutive elements along a new first dimension. The last batch may be
   * smaller, unless `dropRemainder` is set.
   *
   * @param batchSize the number of elements per batch, at least 1
   * @throws DatasetError if batchSize is not such an integer; while iterating, if elements differ in their
   *   members, dtypes or shapes
   */
  batch(batchSize: number, { dropRemainder = false }: BatchOptions = {}): Dataset<T> {
    assertCount(batchSize, 'batch(batchSize)', { minimum: 1 });
    const { table, plan, spec, isReshuffled } = this.#source;
    const batchDimension = dropRemainder ? batchSize : null;
    return new Dataset({
      isBatched: true,
      isReshuffled,
      plan: table
        ? batchedRows(plan, table, batchSize, dropRemainder)
        : batched(plan, batchSize, dropRemainder),
      spec:
        spec &&
        Object.fromEntries(
          Object.entries(spec).map(([key, { dtype, shape }]) => [
            key,
            { dtype, shape: [batchDimension, ...shape] },
          ]),
        ),
    });
  }

  /**
   * Replaces each element with the result of `fn`. After batch(), an element is a batch.
   *
   * The tensors of the element are disposed after the call, except those that `fn` returns, and so are
   * all other tensors that `fn` makes. Those that it returns may be returned again for the next element.
   * Tensors that existed before the call, and those passed to `tf.keep()`, stay the user's. An asynchronous `fn` must dispose the intermediate tensors that it
   * makes after its first await. `fn` should be pure: it is not called for elements that are skipped.
   *
   * @param fn returns a dictionary or a tuple of tensors, or a promise of one
   * @throws DatasetError, while iterating, if fn returns anything else; if fn throws, it names the element,
   *   and its `cause` is what fn threw. An AbortError is thrown as it is.
   */
  map<U extends { readonly [K in keyof U]: tf.Tensor }>(
    fn: (element: T) => U | Promise<U>,
  ): Dataset<U> {
    const { isBatched, isReshuffled } = this.#source;
    const plan = mapped(elementsOf(this.#source), fn);
    return new Dataset({ plan, spec: undefined, isBatched, isReshuffled });
  }

  /**
   * Keeps the elements for which `predicate` returns true.
   *
   * All tensors that the predicate makes are disposed, under the same rules as in map(). It must not
   * dispose the element's.
   *
   * @param predicate returns a boolean, a tensor with one value, or a promise of either
   * @throws DatasetError, while iterating, if predicate returns anything else; if predicate throws, it names
   *   the element, and its `cause` is what predicate threw. An AbortError is thrown as it is.
   */
  filter(
    predicate: (element: T) => boolean | tf.Tensor | Promise<boolean | tf.Tensor>,
  ): Dataset<T> {
    const source = this.#source;
    const { table } = source;
    return new Dataset<T>(
      table
        ? { ...source, plan: filtered(source.plan, (row) => rowOf(table, row), predicate) }
        : { ...source, plan: filtered(source.plan, (element) => element, predicate) },
    );
  }

  /**
   * Repeats the elements. A shuffle() before it has a different order in each repetition, unless
   * `reshuffleEachIteration` is false. An endless repetition ends if one of its rounds is empty.
   *
   * @param count how many times, at least 0; -1 or Infinity, the default, for endlessly
   * @throws DatasetError if count is not such an integer
   */
  repeat(count = -1): Dataset<T> {
    const rounds = assertCount(count, 'repeat(count)', { minimum: 0, everything: -1 });
    return this.#with((plan) => repeated(plan, rounds));
  }

  /**
   * Keeps only the first elements. After a shuffle() that reshuffles, these are others in each epoch.
   *
   * @param count how many, at least 0; -1 or Infinity for all
   * @throws DatasetError if count is not such an integer, or if skip() was called on the same dataset and
   *   its order differs between epochs, so that the two parts would overlap
   */
  take(count: number): Dataset<T> {
    const size = assertCount(count, 'take(count)', { minimum: 0, everything: -1 });
    this.#noteCut('take');
    return this.#with((plan) => taken(plan, size));
  }

  /**
   * Leaves out the first elements. They are not computed where that is possible: rows of a table are
   * never read, and map() is not called. After a shuffle() that reshuffles, they are others in each epoch.
   *
   * @param count how many, at least 0; -1 or Infinity for all
   * @throws DatasetError if count is not such an integer, or if take() was called on the same dataset and
   *   its order differs between epochs, so that the two parts would overlap
   */
  skip(count: number): Dataset<T> {
    const size = assertCount(count, 'skip(count)', { minimum: 0, everything: -1 });
    this.#noteCut('skip');
    return this.#with((plan) => skipped(plan, size));
  }

  /**
   * Fetches elements before they are asked for, if the pipeline before it is asynchronous: an async
   * generator, or map() with an async function. Elements of a synchronous pipeline pass through, since
   * JavaScript's single thread cannot overlap their computation with anything.
   *
   * @param bufferSize how many elements to fetch ahead, at least 1
   * @throws DatasetError if bufferSize is not such an integer
   */
  prefetch(bufferSize: number): Dataset<T> {
    const size = assertCount(bufferSize, 'prefetch(bufferSize)', { minimum: 1 });
    return this.#with((plan) => prefetched(plan, size));
  }

  /**
   * Appends the elements of another dataset.
   *
   * @param other a dataset whose elements have the same members and dtypes
   * @throws DatasetError if they are known to differ
   */
  concatenate(other: Dataset<T>): Dataset<T> {
    const [first, second] = [this.#source, other.#source];
    const spec = mergeSignatures(first.spec, second.spec);
    const history = {
      isBatched: first.isBatched && second.isBatched,
      isReshuffled: first.isReshuffled || second.isReshuffled,
    };
    if (first.table && first.table === second.table) {
      return new Dataset<T>({
        ...first,
        ...history,
        plan: concatenated(first.plan, second.plan),
      });
    }
    const plan = concatenated(elementsOf(first), elementsOf(second));
    return new Dataset<T>({ ...history, plan, spec });
  }

  /**
   * Starts an epoch.
   *
   * @param epoch the number of the epoch, from 0, on which the order of shuffle() depends. By default the
   *   next one: 0 at the first call, then 1, and so on.
   * @throws DatasetError if epoch is not an integer of at least 0
   */
  iterate(epoch: number = this.#epochs++): AsyncIterableIterator<T> {
    assertCount(epoch, 'iterate(epoch)', { minimum: 0 });
    return new DatasetIterator<T>(elementsOf(this.#source), { epoch, skip: 0 });
  }

  /** Starts the next epoch, as `iterate()` does. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.iterate();
  }

  /** Rejects a split whose parts would have other elements in each epoch. */
  #noteCut(method: 'take' | 'skip'): void {
    this.#cut ??= method;
    if (this.#cut === method || !this.#source.isReshuffled) return;
    throw new DatasetError({
      subject: `${method}(count)`,
      expected: `the same order in each epoch, because ${this.#cut}() was called on this dataset as well`,
      actual:
        'a dataset that shuffle() reorders in each epoch, so that elements move between the parts',
      fix: 'Split before shuffle(), or use shuffle(n, { seed, reshuffleEachIteration: false }) before the split, and shuffle the part to train on once more.',
    });
  }

  #with(operator: Parameters<typeof transform>[1]): Dataset<T> {
    return new Dataset<T>(transform(this.#source, operator));
  }
}

const isSource = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'plan' in value && 'isBatched' in value;

const dataset: Kind = {
  expected: 'a Dataset',
  accepts: (value) => value instanceof Dataset,
};

checkMethods(Dataset, 'Dataset.', sourceParameters);
checkMethods(Dataset.prototype, 'dataset.', {
  ...operatorParameters,
  concatenate: { other: required(dataset) },
});

import type * as tf from '@tensorflow/tfjs';
import { type BatchOptions, batched, batchedRows } from './batching';
import { DatasetIterator } from './dataset-iterator';
import type { Element } from './element';
import { assertCount } from './errors';
import { filtered } from './filter';
import {
  type GeneratorElement,
  type GeneratorFunction,
  type GeneratorOptions,
  generated,
  generatorSpec,
} from './generator';
import type { InputSignature } from './input-signature';
import { mapped } from './map';
import { concatenated, repeated, skipped, taken } from './operators';
import { prefetched } from './prefetch';
import { type ShuffleOptions, shuffled } from './shuffle';
import { elementsOf, mergeSpecs, type Source, tableSource, transform } from './source';
import type { Plan } from './stage';
import { type Column, rowOf, tableOf } from './table';

/** Columns by name, or in order. */
export type Columns =
  | Readonly<Record<string, Column>>
  | readonly [Column, ...Column[]]
  | readonly Column[];

/** Carries the names of a dataset's members in its type; there is no such property at run time. */
export declare const memberNames: unique symbol;

/** A tensor in the place of each member. */
export type TensorsOf<C> = { -readonly [K in keyof C]: tf.Tensor };

let readPlan: (dataset: Dataset<unknown>) => Plan<Element>;

/** The elements of a dataset before they become tensors, for the rest of this folder. */
export const planOf = (dataset: Dataset<unknown>): Plan<Element> => readPlan(dataset);

/**
 * Elements that can be gone through again and again, with tf.data's semantics. Each method gives a
 * new dataset; nothing runs before an iteration starts.
 *
 * Each element's tensors belong to whoever iterates, who disposes them. A pass that ends early, by
 * `break` or an error, frees whatever was fetched ahead.
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

  declare readonly [memberNames]: { compare(name: keyof T): void }['compare'];

  static {
    readPlan = (dataset) => elementsOf(dataset.#source);
  }

  private constructor(source: Source) {
    this.#source = source;
  }

  /**
   * One element for each row of the columns.
   *
   * @param columns a dictionary or a tuple of columns with equally many rows: tensors, nested arrays,
   *   typed arrays (a scalar a row), or `{ data, shape: [rows, …], dtype }`. Typed arrays are referred
   *   to, not copied, so they must not change; tensors are read at once and stay the caller's. Of
   *   nested arrays numbers become float32, booleans bool, strings string; float arrays are float32
   *   and integer arrays int32 unless `dtype` says otherwise, so that pixels in a Uint8Array with
   *   `dtype: 'float32'` widen batch by batch.
   * @throws DatasetError naming the column that no tensor can be made of, or that has other rows
   */
  static fromTensorSlices<C extends Columns>(columns: C): Dataset<TensorsOf<C>> {
    return new Dataset(tableSource(tableOf(columns)));
  }

  /**
   * One element for each that a generator yields: a dictionary or a tuple of numbers, booleans,
   * strings, typed arrays, nested arrays, `{ data, shape }` (all copied) or tensors (handed over).
   *
   * @param fn called once a pass with the number of the pass; returns a sync or async iterable
   * @throws DatasetError, while iterating, naming the member that no tensor can be made of, or that is
   *   not what `dtypes` and `shapes` say
   */
  static fromGenerator<E extends GeneratorElement>(
    fn: GeneratorFunction<E>,
    options: GeneratorOptions = {},
  ): Dataset<TensorsOf<E>> {
    return new Dataset({ plan: generated(fn, options), spec: generatorSpec(options) });
  }

  /** Elements of one pass: Infinity for an endless one, undefined when only running it would tell. */
  get size(): number | undefined {
    return this.#source.plan.size;
  }

  /**
   * dtype and shape of each member by its name, or its position '0', '1', …; null for a dimension that
   * varies, as a batch's does. undefined when only running it would tell, as after map().
   */
  get elementSpec(): InputSignature | undefined {
    return this.#source.spec;
  }

  /**
   * Draws elements at random from a buffer that the input keeps filled, as tf.data does: a buffer of
   * the dataset's size, or Infinity, shuffles perfectly.
   *
   * The order of a pass depends on the seed and on the pass's number alone, so a new process can go on
   * with pass k: `dataset.iterate(k)`.
   *
   * @param bufferSize elements, at least 1
   * @throws DatasetError when bufferSize is no such number, or the seed no integer
   */
  shuffle(bufferSize: number, options: ShuffleOptions = {}): Dataset<T> {
    const { seed = Math.floor(Math.random() * 2 ** 32), reshuffleEachIteration = true } = options;
    const size = assertCount(bufferSize, 'shuffle(bufferSize)', { minimum: 1, everything: -1 });
    assertCount(seed, 'shuffle(…, { seed })', { minimum: Number.MIN_SAFE_INTEGER });
    return this.#with((plan) => shuffled(plan, size, { seed, reshuffleEachIteration }));
  }

  /**
   * Groups of `batchSize` elements, stacked along a new first dimension; the last may be smaller.
   *
   * @throws DatasetError when batchSize is no integer from 1 up; while iterating, when the elements
   *   have different members, dtypes or shapes
   */
  batch(batchSize: number, { dropRemainder = false }: BatchOptions = {}): Dataset<T> {
    assertCount(batchSize, 'batch(batchSize)', { minimum: 1 });
    const { table, plan, spec } = this.#source;
    const leading = dropRemainder ? batchSize : null;
    return new Dataset({
      plan: table
        ? batchedRows(plan, table, batchSize, dropRemainder)
        : batched(plan, batchSize, dropRemainder),
      spec:
        spec &&
        Object.fromEntries(
          Object.entries(spec).map(([key, { dtype, shape }]) => [
            key,
            { dtype, shape: [leading, ...shape] },
          ]),
        ),
    });
  }

  /**
   * Replaces each element, or each batch after batch(), by what `fn` returns.
   *
   * The element's tensors are freed afterwards unless they are returned, and so is what `fn` computes
   * on the way. After its first await, an asynchronous `fn` frees its own intermediate tensors.
   *
   * @throws DatasetError, while iterating, when fn returns no dictionary or tuple of tensors
   */
  map<U extends { readonly [K in keyof U]: tf.Tensor }>(
    fn: (element: T) => U | Promise<U>,
  ): Dataset<U> {
    return new Dataset({ plan: mapped(elementsOf(this.#source), fn), spec: undefined });
  }

  /**
   * Keeps the elements for which `predicate` gives true, or a tensor of one true value.
   *
   * What it computes is freed as in map(); the element itself is not the predicate's to dispose.
   *
   * @throws DatasetError, while iterating, when predicate gives anything else
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
   * The elements `count` times over, endlessly when absent. A reshuffling shuffle() before it has
   * another order in each round. An endless repetition ends when a round has no element.
   *
   * @throws DatasetError when count is no integer from 0 up, and not -1 (endless)
   */
  repeat(count = -1): Dataset<T> {
    const rounds = assertCount(count, 'repeat(count)', { minimum: 0, everything: -1 });
    return this.#with((plan) => repeated(plan, rounds));
  }

  /**
   * The first `count` elements, all for -1.
   *
   * @throws DatasetError when count is no integer from -1 up
   */
  take(count: number): Dataset<T> {
    const wanted = assertCount(count, 'take(count)', { minimum: 0, everything: -1 });
    return this.#with((plan) => taken(plan, wanted));
  }

  /**
   * All elements but the first `count`, none for -1.
   *
   * @throws DatasetError when count is no integer from -1 up
   */
  skip(count: number): Dataset<T> {
    const unwanted = assertCount(count, 'skip(count)', { minimum: 0, everything: -1 });
    return this.#with((plan) => skipped(plan, unwanted));
  }

  /**
   * Fetches up to `bufferSize` elements before they are asked for, where what comes before is
   * asynchronous: an async generator, an async map. Elements made synchronously pass through, since
   * one thread can't overlap them with anything.
   *
   * @throws DatasetError when bufferSize is no integer from 1 up
   */
  prefetch(bufferSize: number): Dataset<T> {
    const size = assertCount(bufferSize, 'prefetch(bufferSize)', { minimum: 1 });
    return this.#with((plan) => prefetched(plan, size));
  }

  /**
   * The elements of this dataset, then those of another.
   *
   * @throws DatasetError when their members are known to have other names or dtypes
   */
  concatenate(other: Dataset<T>): Dataset<T> {
    const [first, second] = [this.#source, other.#source];
    const spec = mergeSpecs(first.spec, second.spec);
    if (first.table && first.table === second.table) {
      return new Dataset<T>({ ...first, plan: concatenated(first.plan, second.plan) });
    }
    return new Dataset<T>({ plan: concatenated(elementsOf(first), elementsOf(second)), spec });
  }

  /**
   * Starts a pass.
   *
   * @param iteration the number of the pass, from 0, on which a reshuffling order depends; the next
   *   in turn when absent, which is what `for await` starts
   */
  iterate(epoch: number = this.#epochs++): AsyncIterableIterator<T> {
    assertCount(epoch, 'iterate(epoch)', { minimum: 0 });
    return new DatasetIterator<T>(elementsOf(this.#source), { epoch, skip: 0 });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.iterate();
  }

  #with(operator: Parameters<typeof transform>[1]): Dataset<T> {
    return new Dataset<T>(transform(this.#source, operator));
  }
}

import type * as tf from '@tensorflow/tfjs';
import type { memberNames } from './dataset';
import type { HostValue } from './host-array';
import type { MaybePromise } from './stage';

/**
 * A function without arguments that returns the data: a `Dataset`, a `tf.data.Dataset`, or an iterable,
 * iterator or generator of batches. A batch is a dictionary, or a tuple whose members are named by
 * `dataKeys`, of tensors, typed arrays, `{ data, shape }` or nested arrays, whose first dimension is the
 * batch.
 *
 * The function is called once, and its result is iterated anew in each epoch. If the result can be
 * iterated only once, as a generator can, the function is called again for each epoch.
 *
 * @typeParam F the features of the model function by name
 */
export type InputFn<F = Record<string, tf.Tensor>> = () => Batches<F> | Promise<Batches<F>>;

/**
 * What an input function may return for a model function with the features F.
 *
 * A `Dataset` must have exactly the features of F. Its elements' types can only be checked as far as
 * they are known: a dataset of `Record<string, tf.Tensor>`, a tuple and a `tf.data.Dataset` are
 * accepted as they are. An iterable of dictionaries must have all features of F.
 */
export type Batches<F = Record<string, tf.Tensor>> =
  | DatasetWith<F>
  | UntypedDataset
  | AsyncIterable<readonly tf.Tensor[]>
  | TfDataset
  | (AnyIterableOf<BatchValues<F>> & NotDataset);

/** Features by name, or in order. */
type BatchValues<F> =
  | { readonly [K in keyof F]: tf.Tensor | HostValue }
  | readonly (tf.Tensor | HostValue)[];

type AnyIterableOf<T> =
  | Iterable<T>
  | AsyncIterable<T>
  | { next(): MaybePromise<IteratorResult<T, unknown>> };

/** Where a dataset's names are compared, see {@link DatasetWith}. */
interface WithNames<Names> {
  readonly [memberNames]: { compare(name: Names): void }['compare'];
}

/** Keeps a Dataset from passing as a mere iterable, whose elements may have more features. */
interface NotDataset {
  readonly [memberNames]?: never;
}

/** A type that is in no dataset's names. */
declare const none: unique symbol;

/**
 * A Dataset whose elements have exactly the features of F.
 *
 * Too few are an error because an element lacks a property. Too many are an error because the names
 * must be a subset of F's, or all of F's and `none` a subset of them, which is only true of `string`:
 * parameters of methods are compared in both directions.
 */
type DatasetWith<F> = AsyncIterable<{ readonly [K in keyof F]: tf.Tensor }> & WithNames<NamesOf<F>>;

type NamesOf<F> = [keyof F] extends [never] ? string : keyof F | typeof none;

/** A Dataset whose member names are not known to the compiler. */
type UntypedDataset = AsyncIterable<unknown> & WithNames<string & { readonly [none]: never }>;

/** A dataset of tfjs, whose type says little about its elements. */
interface TfDataset {
  iterator(): Promise<{ next(): Promise<IteratorResult<unknown>> }>;
}

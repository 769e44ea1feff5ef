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
 * A `Dataset` or an iterable of dictionaries must have all features of F, and may have more. Types can
 * be checked only as far as they are known: a dataset of `Record<string, tf.Tensor>`, a tuple and a
 * `tf.data.Dataset` are accepted as they are.
 */
export type Batches<F = Record<string, tf.Tensor>> =
  | AnyIterableOf<BatchValues<F>>
  | UntypedDataset
  | TfDataset;

/** Features by name, or in order. */
type BatchValues<F> =
  | { readonly [K in keyof F]: tf.Tensor | HostValue }
  | readonly (tf.Tensor | HostValue)[];

type AnyIterableOf<T> =
  | Iterable<T>
  | AsyncIterable<T>
  | { next(): MaybePromise<IteratorResult<T, unknown>> };

/** A type that no dataset has among its names. */
declare const untyped: unique symbol;

/**
 * A Dataset whose member names are unknown to the compiler: `string` rather than some literals.
 *
 * Parameters of methods are compared in both directions. The type below is a subset of `string`, but
 * neither a subset nor a superset of any literals.
 */
interface UntypedDataset extends AsyncIterable<unknown> {
  readonly [memberNames]: {
    compare(name: string & { readonly [untyped]: never }): void;
  }['compare'];
}

/** A dataset of tfjs, whose type says little about its elements. */
interface TfDataset {
  iterator(): Promise<{ next(): Promise<IteratorResult<unknown>> }>;
}

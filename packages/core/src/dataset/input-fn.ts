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
 * All features of a batch have the same first dimension, the number of examples.
 *
 * The function is called once per round, whatever it returns, so create what is expensive outside of it.
 * `setup()` makes the call for the first round: it looks at the first batch, on which that round trains. An
 * iterator, a running generator or a stream can be read only once, so return another one in each call. It is
 * told to return when a round ends early, and when the estimator is closed. A round that `maxSteps` ends is
 * over: the next one starts at the beginning of the data. Only an iterator without `return()` continues.
 *
 * Tensors that existed before the call, variables, those passed to `tf.keep()`, and those in an array stay
 * yours. All other tensors in batches are taken over. The same tensor may be in several members of a batch
 * and in the next batch too: it is disposed once a batch without it follows, or at the end of the round if it
 * was created before the first batch. Tensors that a call creates but does not hand over are disposed once a
 * call has returned other data, except those of the first call.
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

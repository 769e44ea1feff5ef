import * as tf from '@tensorflow/tfjs';
import type { MaybePromise } from './stage';

/** A function that the user gave; what it takes was typed where it was given. */
export type UserFunction<R> = (container: never) => MaybePromise<R>;

/** What became of a call: anything, and the tensors that outlive the function's scope. */
export interface Settled<V> {
  readonly value: V;
  readonly kept: readonly tf.Tensor[];
}

/**
 * tf.tidy for a function that may turn out to be asynchronous. Of a synchronous one, everything that
 * it made is freed but what `settle` keeps. An asynchronous one frees its own, since between awaits
 * tfjs can't tell whose tensors are whose.
 *
 * @param settle reads the result, still in the scope; `isMade` says whether the function made a tensor
 */
export const inScope = <R, V>(
  fn: () => MaybePromise<R>,
  settle: (result: R, isMade: (tensor: tf.Tensor) => boolean) => Settled<V>,
): MaybePromise<V> => {
  const engine = tf.engine();
  let kept: readonly tf.Tensor[] = [];
  engine.startScope('dataset');
  try {
    const { id, track } = engine.state.activeScope;
    const result = fn();
    if (isThenable(result)) {
      kept = [...track];
      return Promise.resolve(result).then((value) => settle(value, () => true).value);
    }
    const settled = settle(result, (tensor) => tensor.scopeId === id);
    kept = settled.kept;
    return settled.value;
  } finally {
    engine.endScope([...kept]);
  }
};

/** Runs `fn`, then `clean` with its result, or with nothing when it failed. */
export const cleaningUp = <T>(
  fn: () => MaybePromise<T>,
  clean: (result?: T) => void,
): MaybePromise<T> => {
  const give = (result: T): T => {
    clean(result);
    return result;
  };
  const fail = (error: unknown): never => {
    clean();
    throw error;
  };
  let result: MaybePromise<T>;
  try {
    result = fn();
  } catch (error) {
    return fail(error);
  }
  return result instanceof Promise ? result.then(give, fail) : give(result);
};

const isThenable = <T>(value: MaybePromise<T>): value is Promise<T> =>
  typeof value === 'object' &&
  value !== null &&
  'then' in value &&
  typeof value.then === 'function';

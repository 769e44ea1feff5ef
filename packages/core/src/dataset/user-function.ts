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
 * tf.tidy for a function that may turn out to be asynchronous. Everything that it made is freed but
 * what `settle` keeps; of an asynchronous one only what it made before its first await, since after
 * that tfjs can't tell whose tensors are whose.
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
      return settleLater(result, settle, kept);
    }
    const settled = settle(result, (tensor) => tensor.scopeId === id);
    kept = settled.kept;
    return settled.value;
  } finally {
    engine.endScope([...kept]);
  }
};

const settleLater = async <R, V>(
  result: Promise<R>,
  settle: (result: R, isMade: (tensor: tf.Tensor) => boolean) => Settled<V>,
  made: readonly tf.Tensor[],
): Promise<V> => {
  let kept: readonly tf.Tensor[] = [];
  try {
    const settled = settle(await result, () => true);
    kept = settled.kept;
    return settled.value;
  } finally {
    for (const tensor of made) if (!tensor.kept && !kept.includes(tensor)) tensor.dispose();
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

import * as tf from '@tensorflow/tfjs';
import { userError } from './errors';
import { nextTensorId } from './hand-over';
import { type MaybePromise, withHandlers } from './stage';

/** A value read from the result of a call, and the tensors that outlive the scope of the call. */
export interface ScopeResult<V> {
  readonly value: V;
  readonly kept: readonly tf.Tensor[];
}

/**
 * Like tf.tidy, but for functions that may be asynchronous: disposes all tensors that `fn` made, except
 * those that `settle` keeps. Of an asynchronous function, only the tensors made before its first await
 * are disposed, since tfjs cannot tell later ones from other code's tensors.
 *
 * @param settle reads the result, still within the scope; `isMade` says whether `fn` made a tensor
 * @param subject what `fn` is, for messages
 */
export const inScope = <R, V>(
  fn: () => MaybePromise<R>,
  settle: (result: R, isMade: (tensor: tf.Tensor) => boolean) => ScopeResult<V>,
  subject: string,
): MaybePromise<V> => {
  const engine = tf.engine();
  let kept: readonly tf.Tensor[] = [];
  engine.startScope('dataset');
  try {
    const { id, track } = engine.state.activeScope;
    const result = called(fn, subject);
    if (isThenable(result)) {
      kept = [...track];
      return settleLater(result, settle, kept, subject);
    }
    const settled = settle(result, (tensor) => tensor.scopeId === id);
    kept = settled.kept;
    return settled.value;
  } finally {
    engine.endScope([...kept]);
  }
};

const called = <R>(fn: () => R, subject: string): R => {
  try {
    return fn();
  } catch (error) {
    throw userError(subject, error);
  }
};

const settleLater = async <R, V>(
  result: Promise<R>,
  settle: (result: R, isMade: (tensor: tf.Tensor) => boolean) => ScopeResult<V>,
  made: readonly tf.Tensor[],
  subject: string,
): Promise<V> => {
  const firstLaterId = nextTensorId();
  let kept: readonly tf.Tensor[] = [];
  try {
    const value = await Promise.resolve(result).catch((error: unknown) => {
      throw userError(subject, error);
    });
    const settled = settle(value, (tensor) => tensor.id >= firstLaterId || made.includes(tensor));
    kept = settled.kept;
    return settled.value;
  } finally {
    for (const tensor of made) if (!tensor.kept && !kept.includes(tensor)) tensor.dispose();
  }
};

/** Runs `fn`, then `clean` with its result, or without one if it failed. */
export const withCleanup = <T>(
  fn: () => MaybePromise<T>,
  clean: (result?: T) => void,
): MaybePromise<T> =>
  withHandlers(
    fn,
    (result) => {
      clean(result);
      return result;
    },
    (error) => {
      clean();
      throw error;
    },
  );

const isThenable = <T>(value: MaybePromise<T>): value is Promise<T> =>
  typeof value === 'object' &&
  value !== null &&
  'then' in value &&
  typeof value.then === 'function';

import type * as tf from '@tensorflow/tfjs';
import { MissingFeatureError, UnknownFeatureError } from '../errors';

/**
 * The features that a model function gets: reading one that is not there is an error that names it,
 * instead of an `undefined` that fails somewhere in an operation.
 *
 * @param given the features of this batch
 * @param signature the names that the input functions give
 */
export const guardFeatures = (
  given: Readonly<Record<string, tf.Tensor>>,
  signature: readonly string[],
): Record<string, tf.Tensor> =>
  new Proxy(
    { ...given },
    {
      get(target, key, receiver) {
        if (typeof key === 'symbol' || key in target) return Reflect.get(target, key, receiver);
        if (signature.includes(key)) throw new MissingFeatureError(key, Object.keys(given));
        throw new UnknownFeatureError(key, signature);
      },
    },
  );

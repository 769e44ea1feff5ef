import * as tf from '@tensorflow/tfjs';
import { type Measured, readPair } from './measured';

/**
 * prediction - label, in float32, with a weight for each.
 *
 * @throws MetricError with both shapes when they differ
 */
export const differenceOf = (kind: string, measured: Measured) => {
  const { labels, predictions, weights } = readPair(kind, measured);
  const difference = tf.sub(tf.cast(predictions, 'float32'), tf.cast(labels, 'float32'));
  return { difference, weights };
};

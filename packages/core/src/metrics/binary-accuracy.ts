import * as tf from '@tensorflow/tfjs';
import { type Measured, readPair } from './measured';
import type { Metric } from './metric';
import { meanResult, meanUpdate } from './weighted-mean';

/**
 * How often probabilities are on the label's side of a threshold, from 0 to 1; 0 over no examples.
 *
 * @param measured labels of 0 and 1 or booleans, and probabilities, of one shape; a prediction is
 *   positive above `threshold`, 0.5 by default
 * @throws MetricError when updated with different shapes
 * @see tf.keras.metrics.BinaryAccuracy
 */
export const binaryAccuracy = ({
  threshold = 0.5,
  ...measured
}: Measured & { readonly threshold?: number }): Metric => ({
  kind: 'binaryAccuracy',
  config: { threshold },
  update: () => {
    const { labels, predictions, weights } = readPair('binaryAccuracy', measured);
    const positive = tf.cast(tf.greater(predictions, threshold), 'float32');
    return meanUpdate(tf.equal(tf.cast(labels, 'float32'), positive), weights);
  },
  result: meanResult,
});

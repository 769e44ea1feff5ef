import * as tf from '@tensorflow/tfjs';
import { type Measured, readPair } from './measured';
import type { Metric } from './metric';
import { meanResult, meanUpdate } from './weighted-mean';

/**
 * How often predictions equal labels, from 0 to 1; 0 over no examples.
 *
 * @param measured labels and predictions of one shape, usually class ids [batch]
 * @throws MetricError when updated with different shapes
 * @see tf.metrics.accuracy of TensorFlow 1
 */
export const accuracy = (measured: Measured): Metric => ({
  kind: 'accuracy',
  config: {},
  update: () => {
    const { labels, predictions, weights } = readPair('accuracy', measured);
    return meanUpdate(tf.equal(labels, predictions), weights);
  },
  result: meanResult,
});

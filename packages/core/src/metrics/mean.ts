import type * as tf from '@tensorflow/tfjs';
import { force, type Lazy } from '../lazy';
import { weightsOf } from './measured';
import type { Metric } from './metric';
import { meanResult, meanUpdate } from './weighted-mean';

/**
 * The weighted mean of values of any shape; 0 over no values, NaN once a value is.
 *
 * @param measured.weights as for the other metrics: a scalar, [batch], or one for each value
 * @throws MetricError when updated with weights that don't fit the values
 * @see tf.metrics.mean of TensorFlow 1
 */
export const mean = (measured: {
  readonly values: Lazy<tf.Tensor>;
  readonly weights?: Lazy<tf.Tensor> | undefined;
}): Metric => ({
  kind: 'mean',
  config: {},
  update: () => {
    const values = force(measured.values);
    return meanUpdate(values, weightsOf('mean', values, measured.weights));
  },
  result: meanResult,
});

import * as tf from '@tensorflow/tfjs';

/** [batch, channels, height, width] to [batch, height, width, channels]. */
export const channelsLast = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 2, 3, 1]);

/** [batch, height, width, channels] to [batch, channels, height, width]. */
export const channelsFirst = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 3, 1, 2]);

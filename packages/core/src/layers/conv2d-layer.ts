import * as tf from '@tensorflow/tfjs';

type Config = Parameters<typeof tf.layers.conv2d>[0];

/** What tfjs-layers keeps of a convolution in fields that its declarations leave out. */
interface Convolution {
  readonly kernel: tf.LayerVariable;
  readonly bias: tf.LayerVariable | null;
  readonly strides: [number, number];
  readonly padding: 'same' | 'valid';
  readonly dataFormat: 'channelsFirst' | 'channelsLast';
  readonly dilationRate: [number, number];
  readonly activation: { apply(x: tf.Tensor): tf.Tensor };
}

/**
 * tf.layers.conv2d, which also trains with dilations. tfjs-layers fuses a convolution with its bias, and the
 * gradient of what is fused refuses dilations, so a dilated layer here calls the operations one by one.
 */
export const conv2dLayer = (config: Config): tf.layers.Layer => {
  const layer = tf.layers.conv2d(config);
  const convolution = layer as unknown as Convolution;
  const { strides, padding, dataFormat, dilationRate, activation } = convolution;
  const isPlain = dilationRate.every((rate) => rate === 1);
  if (isPlain || dataFormat !== 'channelsLast') return layer;
  layer.call = (inputs) =>
    tf.tidy(() => {
      const [x] = Array.isArray(inputs) ? inputs : [inputs];
      const kernel = convolution.kernel.read() as tf.Tensor4D;
      const y = tf.conv2d(x as tf.Tensor4D, kernel, strides, padding, 'NHWC', dilationRate);
      return activation.apply(convolution.bias === null ? y : y.add(convolution.bias.read()));
    });
  return layer;
};

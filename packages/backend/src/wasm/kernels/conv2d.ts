import * as tf from '@tensorflow/tfjs';
import { channelsFirst, channelsLast } from '../channels';
import { asTensor } from '../tensors';
import { improvedKernel } from '../training-kernel';

interface Inputs {
  readonly x: tf.Tensor4D;
  readonly filter: tf.Tensor4D;
}

/** Explicit padding names the dimensions in the order of the data format. */
const paddingChannelsLast = (pad: tf.Conv2DAttrs['pad']): tf.Conv2DAttrs['pad'] =>
  typeof pad === 'object' ? [pad[0], pad[2], pad[3], pad[1]] : pad;

/** Conv2D: channels first too, which stock refuses, through transposes. */
export const conv2D = improvedKernel<Inputs, tf.Conv2DAttrs>(tf.Conv2D, (stock) => (call) => {
  const { inputs, attrs, backend } = call;
  if (attrs.dataFormat !== 'NCHW') return stock(call);
  return tf.tidy(() => {
    const last = {
      inputs: { x: channelsLast(inputs.x), filter: inputs.filter },
      attrs: { ...attrs, dataFormat: 'NHWC' as const, pad: paddingChannelsLast(attrs.pad) },
      backend,
    };
    return channelsFirst(asTensor(stock(last)));
  });
});

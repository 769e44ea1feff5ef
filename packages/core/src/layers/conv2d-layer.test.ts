import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { conv2dLayer } from './conv2d-layer';

beforeAll(() => tf.setBackend('cpu'));

it.each([undefined, 'tanh', 'relu'] as const)(
  'computes what tfjs-layers does, with dilations and activation %s',
  (activation) => {
    const config = { filters: 2, kernelSize: 3, dilationRate: 2, padding: 'same' } as const;
    const layer = conv2dLayer({ ...config, ...(activation && { activation }) });
    const stock = tf.layers.conv2d({ ...config, ...(activation && { activation }) });
    const x = tf.linspace(-1, 1, 2 * 6 * 6 * 3).reshape([2, 6, 6, 3]);
    const y = layer.apply(x) as tf.Tensor;
    stock.apply(x);
    const weights = layer.getWeights();
    stock.setWeights([weights[0] as tf.Tensor, tf.tensor1d([0.5, -0.5])]);
    layer.setWeights(stock.getWeights());
    expect(y.shape).toEqual([2, 6, 6, 2]);
    const [actual, expected] = [layer, stock].map((each) => each.apply(x) as tf.Tensor);
    expect(actual?.dataSync()).toEqual(expected?.dataSync());
  },
);

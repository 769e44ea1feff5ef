import * as tf from '@tensorflow/tfjs';
import { inOrder, type LayerCase, type LayerCases } from './layer-case';

const { layers } = tf;
type Layer = tf.layers.Layer;

/** A layer that preprocesses images, before one with weights. */
const preprocessing = (make: () => Layer): LayerCase => ({
  input: [6, 6, 2],
  fixedInput: true,
  apply: inOrder(() => [
    make(),
    layers.conv2d({ filters: 3, kernelSize: 2 }),
    layers.globalAveragePooling2d({}),
  ]),
});

const convolution = () => layers.conv2d({ filters: 3, kernelSize: 2 });

export const imageCases: LayerCases = {
  zeroPadding2d: {
    input: [4, 4, 2],
    apply: inOrder(() => [convolution(), layers.zeroPadding2d({})]),
  },
  cropping2D: {
    input: [6, 6, 2],
    apply: inOrder(() => [convolution(), layers.cropping2D({ cropping: [1, 1] })]),
  },
  categoryEncoding: {
    input: [3],
    fixedInput: true,
    integers: true,
    apply: inOrder(() => [layers.categoryEncoding({ numTokens: 10, outputMode: 'multiHot' })]),
  },
  centerCrop: preprocessing(() => layers.centerCrop({ height: 4, width: 4 })),
  rescaling: preprocessing(() => layers.rescaling({ scale: 0.5, offset: 1 })),
};

/**
 * Image layers that can't be part of a model, because tfjs omits the batch from their output shape.
 */
export const imageLayers: Readonly<Record<string, () => Layer>> = {
  randomWidth: () => layers.randomWidth({ factor: 0.5 }),
  resizing: () => layers.resizing({ height: 5, width: 7 }),
  'resizing to the nearest': () =>
    layers.resizing({ height: 5, width: 7, interpolation: 'nearest' }),
};

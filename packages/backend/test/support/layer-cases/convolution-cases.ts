import { layers } from '@tensorflow/tfjs';
import { inOrder, type LayerCases } from './layer-case';

export const convolutionCases: LayerCases = {
  conv1d: {
    input: [9, 3],
    apply: inOrder(() => [layers.conv1d({ filters: 4, kernelSize: 3 })]),
  },
  'conv1d with dilations': {
    input: [9, 3],
    apply: inOrder(() => [layers.conv1d({ filters: 4, kernelSize: 3, dilationRate: 2 })]),
  },
  conv2d: {
    input: [8, 7, 3],
    apply: inOrder(() => [
      layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
    ]),
  },
  'conv2d with dilations': {
    input: [8, 7, 3],
    apply: inOrder(() => [
      layers.conv2d({ filters: 4, kernelSize: 3, dilationRate: 2, activation: 'relu' }),
    ]),
  },
  'conv2d with channels first': {
    input: [3, 8, 7],
    apply: inOrder(() => [
      layers.conv2d({ filters: 4, kernelSize: 3, dataFormat: 'channelsFirst' }),
    ]),
  },
  conv2dTranspose: {
    input: [4, 4, 3],
    apply: inOrder(() => [
      layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' }),
    ]),
  },
  conv3d: {
    input: [4, 4, 4, 2],
    apply: inOrder(() => [layers.conv3d({ filters: 3, kernelSize: 2 })]),
  },
  'conv3d with dilations': {
    input: [4, 4, 4, 2],
    apply: inOrder(() => [
      layers.conv3d({ filters: 3, kernelSize: 2, dilationRate: [2, 2, 2] as never }),
    ]),
  },
  conv3dTranspose: {
    input: [3, 3, 3, 2],
    apply: inOrder(() => [layers.conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2 })]),
  },
  separableConv2d: {
    input: [7, 7, 3],
    apply: inOrder(() => [
      layers.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2 }),
    ]),
  },
  'separableConv2d with dilations': {
    input: [7, 7, 3],
    apply: inOrder(() => [layers.separableConv2d({ filters: 4, kernelSize: 3, dilationRate: 2 })]),
  },
  depthwiseConv2d: {
    input: [7, 7, 3],
    apply: inOrder(() => [layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same' })]),
  },
  upSampling2d: {
    input: [4, 4, 2],
    apply: inOrder(() => [
      layers.conv2d({ filters: 2, kernelSize: 2 }),
      layers.upSampling2d({ size: [2, 3] }),
    ]),
  },
  'upSampling2d, bilinear': {
    input: [4, 4, 2],
    apply: inOrder(() => [
      layers.conv2d({ filters: 2, kernelSize: 2 }),
      layers.upSampling2d({ interpolation: 'bilinear' }),
    ]),
  },
};

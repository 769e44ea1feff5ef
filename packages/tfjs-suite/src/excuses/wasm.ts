import type { Excuse } from './excuse';

/** Specs that fail on tfjs's wasm backend with our kernels and gradients. */
export const wasmExcuses: readonly Excuse[] = [
  {
    reason: 'the fused kernels take a bias of rank 1 only, and refuse others',
    failure:
      /(FusedConv2D|FusedDepthwiseConv2D|_FusedMatMul) only supports rank-1 bias but got rank \d/,
    specs: [
      'fused conv2d > basic with broadcasted bias and relu',
      'fused conv2d > basic in NCHW with scalar bias',
      'fused conv2d > im2row with broadcasted bias and relu',
      'fused conv2d > im2row in NCHW with scalar bias',
      'fused conv2d > batch in NCHW with scalar bias',
      'fused conv2d > gradient x=[2,3,3,1] f=[2,2,1,1] s=1 p=0 with bias',
      'fused depthwiseConv2D > basic with broadcasted bias and relu',
      'fused depthwiseConv2D > gradient x=[2,3,3,1] f=[2,2,1,1] s=1 p=0 with bias',
      'fused matmul > fused A x B with 2d bias and relu',
      'fused matmul > fused A x B with 2d bias only',
    ],
  },
  {
    reason: 'our gradients differentiate what the spec expects to have no gradient',
    failure: /^Expected function to throw an Error\.$/,
    specs: [
      'gradients > errors if relevant ops are missing grads',
      'depthwiseConv2d gradients > throws error on dilations > 1',
    ],
  },
  {
    reason:
      'the spec expects the gradient to divide by 9 at the border, where the average is over fewer elements',
    failure: /actual\[1\] = 1\.75, expected\[1\] = 1\./,
    specs: ['avgPool > gradient x=[3,3,1] f=[3,3] s=1 p=explicit'],
  },
  {
    reason:
      'an output shape that the filter, strides and padding do not lead to is refused, as in TensorFlow',
    failure: /^RangeError: the output gradient of operation "Conv2DBackpropInput": expected shape/,
    specs: ['conv2dTranspose > input=8x8x8,output=4x4x8,f=8,s=1,inDepth=8,p=same vec4'],
  },
  {
    reason: 'values of several dtypes are converted to a common one, as tf.concat() does',
    failure: /^Expected function to throw an Error\.$/,
    specs: ['stack > non matching dtypes throws error'],
  },
];

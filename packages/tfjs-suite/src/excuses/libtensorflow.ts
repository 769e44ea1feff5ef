import type { Excuse } from './excuse';

/**
 * Specs that fail on TensorFlow's C library. The kernels are those of tfjs-node, which excuses most of these in
 * its own tests (`IGNORE_LIST` in its `run_tests.js`).
 */
export const libtensorflowExcuses: readonly Excuse[] = [
  {
    reason: "tfjs-node's kernels take the padding 'valid' or 'same' only, and refuse others",
    failure:
      /TF Backend supports only 'valid' and 'same' padding while padding was (EXPLICIT|NUMBER)/,
    specs: [
      'avgPool3d > x=[1,2,2,2,1] f=[2,2,2] s=1 p=1 roundingMode=floor',
      'avgPool3d > x=[1,1,1,1,1] f=[2,2,2] s=1 p=2',
      'avgPool > x=[3,3,1] f=[3,3] s=1 p=explicit',
      'avgPool > x=[2,2,3] f=[2,2] s=3 p=1 default dimRoundingMode',
      'avgPool > x=[2,2,3] f=[1,1] s=2 p=1 dimRoundingMode=floor',
      'avgPool > x=[2,2,3] f=[2,2] s=3 p=1 dimRoundingMode=floor',
      'avgPool > x=[2,2,3] f=[2,2] s=3 p=1 dimRoundingMode=round',
      'avgPool > x=[2,2,3] f=[2,2] s=3 p=1 dimRoundingMode=ceil',
      'avgPool > gradient x=[3,3,1] f=[3,3] s=1 p=explicit',
      'conv2dTranspose > input=3x3x1,d2=1,f=2,s=2,p=explicit',
      'conv2dTranspose > gradient input=[1,3,3,1] f=[2,2,2,1] s=[1,1] p=explicit',
      'maxPool3d > x=[1,2,2,2,1] f=[2,2,2] s=1 p=1 roundingMode=floor',
      'maxPool > x=[3,3,1] f=[3,3] s=1 p=explicit',
      'maxPool > x=[2,2,3] f=[2,2] s=3 p=1 default dimRoundingMode',
      'maxPool > x=[2,2,3] f=[1,1] s=2 p=1 dimRoundingMode=floor',
      'maxPool > x=[2,2,3] f=[2,2] s=3 p=1 dimRoundingMode=floor',
      'maxPool > x=[2,2,3] f=[2,2] s=3 p=1 dimRoundingMode=round',
      'maxPool > x=[2,2,3] f=[2,2] s=3 p=1 dimRoundingMode=ceil',
      'maxPoolBackprop > gradient x=[3,3,1] f=3 s=1 p=explicit',
      'pool > max x=[3,3,1] f=[3,3] s=1 d=1 p=explicit',
      'pool > max x=[3,3,1] f=[3,3] s=3 d=1 p=explicit defualt dimRoundingMode',
      'pool > max x=[3,3,1] f=[3,3] s=3 d=1 p=explicit dimRoundingMode=floor',
      'pool > max x=[3,3,1] f=[3,3] s=3 d=1 p=explicit dimRoundingMode=round',
      'pool > max x=[3,3,1] f=[3,3] s=3 d=1 p=explicit dimRoundingMode=ceil',
      'pool > max x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding',
      'pool > avg x=[3,3,1] f=[3,3] s=1 d=1 p=explicit',
      'pool > avg x=[3,3,1] f=[3,3] s=3 d=1 p=explicit defualt dimRoundingMode',
      'pool > avg x=[3,3,1] f=[3,3] s=3 d=1 p=explicit dimRoundingMode=floor',
      'pool > avg x=[3,3,1] f=[3,3] s=3 d=1 p=explicit dimRoundingMode=round',
      'pool > avg x=[3,3,1] f=[3,3] s=3 d=1 p=explicit dimRoundingMode=ceil',
      'pool > avg x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs default rounding',
    ],
  },
  {
    reason: "tfjs-node's fused convolution takes NHWC only, and refuses NCHW",
    failure: /Node backend FusedConv2D does not support dataFormat:'NCHW'/,
    specs: [
      'fused conv2d > basic in NCHW',
      'fused conv2d > basic in NCHW with scalar bias',
      'fused conv2d > basic in NCHW with 1-D bias',
      'fused conv2d > basic in NCHW with bias and multiple batches',
      'fused conv2d > basic in NCHW with scalar PReLU actiavation',
      'fused conv2d > basic in NCHW with 1-D PReLU actiavation',
      'fused conv2d > basic in NCHW with 3-D PReLU actiavation',
      'fused conv2d > basic in NCHW with full 3-D PReLU actiavation',
      'fused conv2d > im2row in NCHW',
      'fused conv2d > im2row in NCHW with scalar bias',
      'fused conv2d > im2row in NCHW with 1-D bias',
      'fused conv2d > im2row in NCHW with scalar PReLU actiavation weights',
      'fused conv2d > im2row in NCHW with 1-D PReLU actiavation weights',
      'fused conv2d > im2row in NCHW with 3-D PReLU actiavation weights',
      'fused conv2d > im2row in NCHW with full 3-D PReLU actiavation weights',
      'fused conv2d > batch in NCHW',
      'fused conv2d > batch in NCHW with scalar bias',
      'fused conv2d > batch in NCHW with 1-D bias',
      'fused conv2d > batch in NCHW with scalar PReLU actiavation weights',
      'fused conv2d > batch in NCHW with 1-D PReLU actiavation weights',
      'fused conv2d > batch in NCHW with 3-D PReLU actiavation weights',
      'fused conv2d > batch in NCHW with full 3-D PReLU actiavation weights',
    ],
  },
  {
    reason: 'TensorFlow has no kernel for this dtype, and refuses it',
    failure:
      /failed in TensorFlow with INVALID_ARGUMENT \(code 3\)\. Value for attr 'T' of (bool|string|int32) is not in the list of allowed values/,
    specs: [
      'diag > bool',
      'greaterEqual > should support string comparison',
      'greater > should support string comparison',
      'leakyrelu > int32',
      'lessEqual > should support string comparison',
      'less > should support string comparison',
      'step kernel > with int32 tensor',
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
    reason: 'TensorFlow computes the trace, which the spec expects tfjs not to',
    failure: /^Expected function to throw an Error\.$/,
    specs: ['einsum > 2d matrix calculate trace: duplicate axes not implemented yet'],
  },
  {
    reason: 'the spec expects the wording of tfjs for a label that only the output has',
    failure: /Einsum "ij,jk->in": expected an output whose labels occur in the inputs/,
    specs: ['einsum > nonexistent dimension throws error'],
  },
  {
    reason: 'TensorFlow requires updates of the shape that the indices determine',
    failure: /ScatterNd failed in TensorFlow with INVALID_ARGUMENT/,
    specs: [
      'scatterND > should work for 2d',
      'scatterND > should work for simple 1d',
      'scatterND > should work for multiple 1d',
      'scatterND > should sum the duplicated indices',
      'scatterND > should work for tensorLike input',
    ],
  },
  {
    reason: 'TensorFlow refuses a filter that is larger than the input',
    failure:
      /AvgPool3D failed in TensorFlow with INVALID_ARGUMENT \(code 3\)\. Computed output size would be negative/,
    specs: ['avgPool3d > x=[1,1,1,1,1] f=[1,1,3] s=1 p=valid'],
  },
  {
    reason: 'oneDNN refuses a gradient whose shape does not fit the filter and the output',
    failure: /Conv2DBackpropInput failed in TensorFlow with ABORTED/,
    specs: ['conv2dTranspose > input=8x8x8,output=4x4x8,f=8,s=1,inDepth=8,p=same vec4'],
  },
  {
    reason: 'in TensorFlow the sign of NaN is NaN, in tfjs 0',
    failure: /Arrays differ: actual\[\d\] = NaN, expected\[\d\] = 0\./,
    specs: [
      'sign > basic',
      'sign > does not propagate NaNs',
      'sign > accepts a tensor-like object',
    ],
  },
  {
    reason: 'the last bit of a float32 differs',
    failure: /actual\[2\] = 30144\.177734375, expected\[2\] = 30144\.17578125/,
    specs: ['tan > numbers exceed float32 precision'],
  },
  {
    reason: 'in TensorFlow no NaN equals another',
    failure:
      /^Expected \$\[0\] = 3 to equal 2\.|Arrays have different lengths actual: 3 vs expected: 2/,
    specs: ['unique > 1d tensor with NaN and Infinity'],
  },
];

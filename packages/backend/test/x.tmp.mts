import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import { registerTrainingGradients } from '../src/gradients/training-gradients';
import { registerWasmTrainingKernels } from '../src/wasm';

tf.env().set('PROD', true);
for (const b of ['cpu', 'wasm']) {
  await tf.setBackend(b);
  if (process.env.OURS) {
    registerTrainingGradients();
    registerWasmTrainingKernels();
  }
  const x = tf.randomNormal([1, 8, 8, 2]) as tf.Tensor4D;
  const xf = tf.transpose(x, [0, 3, 1, 2]) as tf.Tensor4D;
  const w = tf.randomNormal([3, 3, 2, 2]) as tf.Tensor4D;
  const v = tf.randomNormal([1, 6, 6, 6, 2]) as tf.Tensor5D;
  const vf = tf.randomNormal([1, 2, 6, 6, 6]) as tf.Tensor5D;
  const w3 = tf.randomNormal([2, 2, 2, 2, 3]) as tf.Tensor5D;
  const ops: Record<string, () => tf.Tensor> = {
    conv2d_sd: () => tf.grad((x: tf.Tensor) => tf.conv2d(x as any, w, 2, 'same', 'NHWC', 2))(x),
    conv2d_sd_mixed: () =>
      tf.grad((x: tf.Tensor) => tf.conv2d(x as any, w, [2, 1], 'same', 'NHWC', [1, 2]))(x),
    conv2d_nchw_d: () =>
      tf.grad((x: tf.Tensor) => tf.conv2d(x as any, w, 1, 'same', 'NCHW', 2))(xf),
    conv2d_nchw_s: () => tf.grad((x: tf.Tensor) => tf.conv2d(x as any, w, 2, 'same', 'NCHW'))(xf),
    dw_nchw: () => tf.depthwiseConv2d(xf, w, 1, 'same', 'NCHW'),
    dw_sd: () =>
      tf.grad((x: tf.Tensor) => tf.depthwiseConv2d(x as any, w, 2, 'same', 'NHWC', 2))(x),
    dw_d: () => tf.grad((x: tf.Tensor) => tf.depthwiseConv2d(x as any, w, 1, 'same', 'NHWC', 2))(x),
    sep_d: () =>
      tf.grad((x: tf.Tensor) =>
        tf.separableConv2d(x as any, w, tf.ones([1, 1, 4, 2]), 1, 'same', 2),
      )(x),
    conv3d_sd: () => tf.grad((x: tf.Tensor) => tf.conv3d(x as any, w3, 2, 'same', 'NDHWC', 2))(v),
    conv3d_d: () => tf.grad((x: tf.Tensor) => tf.conv3d(x as any, w3, 1, 'same', 'NDHWC', 2))(v),
    conv3d_ncdhw: () => tf.conv3d(vf, w3, 1, 'same', 'NCDHW', 1),
    conv1d_sd: () =>
      tf.grad((x: tf.Tensor) => tf.conv1d(x as any, tf.ones([3, 2, 2]), 2, 'same', 'NWC', 2))(
        tf.ones([1, 8, 2]),
      ),
    fused_d: () =>
      tf.grad((x: tf.Tensor) =>
        tf.fused.conv2d({
          x: x as any,
          filter: w,
          strides: 1,
          pad: 'same',
          dilations: 2,
          activation: 'relu',
        }),
      )(x),
    fused_nchw: () =>
      tf.grad((x: tf.Tensor) =>
        tf.fused.conv2d({
          x: x as any,
          filter: w,
          strides: 1,
          pad: 'same',
          dataFormat: 'NCHW',
          activation: 'relu',
        }),
      )(xf),
    fused_dw_d: () =>
      tf.grad((x: tf.Tensor) =>
        tf.fused.depthwiseConv2d({
          x: x as any,
          filter: w,
          strides: 1,
          pad: 'same',
          dilations: 2,
          activation: 'relu',
        }),
      )(x),
    pool_d: () => tf.grad((x: tf.Tensor) => tf.pool(x as any, 2, 'max', 'same', 2, 1))(x),
    avgpool_d: () => tf.grad((x: tf.Tensor) => tf.pool(x as any, 2, 'avg', 'same', 2, 1))(x),
    layer_conv2d_cf_d: () =>
      tf.grad(
        (x: tf.Tensor) =>
          tf.layers
            .conv2d({
              filters: 2,
              kernelSize: 3,
              dilationRate: 2,
              dataFormat: 'channelsFirst',
              padding: 'same',
            })
            .apply(x) as tf.Tensor,
      )(xf),
    layer_conv2d_s_d: () =>
      tf.grad(
        (x: tf.Tensor) =>
          tf.layers
            .conv2d({ filters: 2, kernelSize: 3, dilationRate: 2, strides: 2, padding: 'same' })
            .apply(x) as tf.Tensor,
      )(x),
    layer_dw_d: () => {
      const l = tf.layers.depthwiseConv2d({ kernelSize: 3, dilationRate: 2, padding: 'valid' });
      return l.apply(x) as tf.Tensor;
    },
    layer_dw_cf_d: () =>
      tf.grad(
        (x: tf.Tensor) =>
          tf.layers
            .depthwiseConv2d({
              kernelSize: 3,
              dilationRate: 2,
              padding: 'same',
              dataFormat: 'channelsFirst',
            })
            .apply(x) as tf.Tensor,
      )(xf),
    layer_sep_d: () =>
      tf.grad(
        (x: tf.Tensor) =>
          tf.layers
            .separableConv2d({ filters: 2, kernelSize: 3, dilationRate: 2, padding: 'same' })
            .apply(x) as tf.Tensor,
      )(x),
    layer_conv1d_d: () =>
      tf.grad(
        (x: tf.Tensor) =>
          tf.layers
            .conv1d({ filters: 2, kernelSize: 3, dilationRate: 2, padding: 'causal' })
            .apply(x) as tf.Tensor,
      )(tf.ones([1, 8, 2])),
    layer_conv3d_d: () =>
      tf.grad(
        (x: tf.Tensor) =>
          tf.layers
            .conv3d({ filters: 2, kernelSize: 2, dilationRate: 2 as any, padding: 'same' })
            .apply(x) as tf.Tensor,
      )(v),
    layer_conv3d_cf: () =>
      tf.grad(
        (x: tf.Tensor) =>
          tf.layers
            .conv3d({ filters: 2, kernelSize: 2, dataFormat: 'channelsFirst', padding: 'same' })
            .apply(x) as tf.Tensor,
      )(vf),
  };
  for (const [n, f] of Object.entries(ops)) {
    try {
      console.log(b, n, f().shape.join());
    } catch (e) {
      console.log(b, n, 'THROWS', (e as Error).message.slice(0, 150));
    }
  }
}

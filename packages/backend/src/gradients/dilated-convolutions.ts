import * as tf from '@tensorflow/tfjs';
import { type BackpropKernels, type DilatedAxis, dilatedGradients } from './dilated-windows';

type Geometry2D = ReturnType<typeof tf.backend_util.computeConv2DInfo>;
type Geometry3D = ReturnType<typeof tf.backend_util.computeConv3DInfo>;

/** Padding has to be known before the first element only: what the windows cover tells the rest. */
const axes2D = (geometry: Geometry2D): DilatedAxis[] => [
  {
    inSize: geometry.inHeight,
    window: geometry.filterHeight,
    dilation: geometry.dilationHeight,
    before: geometry.padInfo.top,
  },
  {
    inSize: geometry.inWidth,
    window: geometry.filterWidth,
    dilation: geometry.dilationWidth,
    before: geometry.padInfo.left,
  },
];

const axes3D = (geometry: Geometry3D): DilatedAxis[] => {
  const { inDepth, filterDepth, dilationDepth, padInfo } = geometry;
  const depth = {
    inSize: inDepth,
    window: filterDepth,
    dilation: dilationDepth,
    before: padInfo.front,
  };
  return [depth, ...axes2D(geometry as unknown as Geometry2D)];
};

const allOnes = (values: number | readonly number[] | null | undefined): boolean =>
  [values ?? 1].flat().every((value) => value === 1);

/** Where the windows lie, from tfjs's own attributes of the kernel. */
type Locate = (
  x: tf.Tensor,
  filter: tf.Tensor,
  attrs: tf.Conv2DAttrs,
) => { readonly axes: DilatedAxis[]; readonly channelsFirst: boolean };

const locate2D =
  (depthwise: boolean): Locate =>
  (x, filter, attrs) => {
    // DepthwiseConv2dNative takes channels last only, whatever its attribute says.
    const channelsFirst = attrs.dataFormat === 'NCHW' && !depthwise;
    const geometry = tf.backend_util.computeConv2DInfo(
      (x as tf.Tensor4D).shape,
      (filter as tf.Tensor4D).shape,
      attrs.strides,
      attrs.dilations,
      attrs.pad,
      attrs.dimRoundingMode,
      depthwise,
      channelsFirst ? 'channelsFirst' : 'channelsLast',
    );
    return { axes: axes2D(geometry), channelsFirst };
  };

const locate3D: Locate = (x, filter, attrs) => {
  const { strides, dilations, pad } = attrs as unknown as tf.Conv3DAttrs;
  const geometry = tf.backend_util.computeConv3DInfo(
    (x as tf.Tensor5D).shape,
    (filter as tf.Tensor5D).shape,
    strides,
    dilations,
    pad,
  );
  return { axes: axes3D(geometry), channelsFirst: false };
};

/** tfjs's gradient of a convolution, and one with dilations, which tfjs's own refuses. */
const withDilations = (
  kernelName: string,
  backprop: BackpropKernels,
  locate: Locate,
): tf.GradConfig | undefined => {
  const stock = tf.getGradient(kernelName);
  if (stock === undefined) return undefined;
  return {
    ...stock,
    gradFunc: (dy, saved, attrs) => {
      const { dilations, strides } = attrs as unknown as tf.Conv2DAttrs;
      const [x, filter] = saved;
      // With both strides and dilations, stock says that it takes only one of them.
      if (allOnes(dilations) || !allOnes(strides) || x === undefined || filter === undefined) {
        return stock.gradFunc(dy, saved, attrs);
      }
      const { axes, channelsFirst } = locate(x, filter, attrs as unknown as tf.Conv2DAttrs);
      const call = { x, filter, dy: dy as tf.Tensor };
      if (!channelsFirst) return dilatedGradients(backprop, call, axes);
      const last = (image: tf.Tensor) => tf.transpose(image, [0, 2, 3, 1]);
      const gradients = dilatedGradients(
        backprop,
        { ...call, x: last(x), dy: last(call.dy) },
        axes,
      );
      return { ...gradients, x: () => tf.transpose(gradients.x(), [0, 3, 1, 2]) };
    },
  };
};

/** The gradients of Conv2D, DepthwiseConv2dNative and Conv3D, with dilations too, on any backend. */
export const dilatedConvolutionGradients = (): readonly tf.GradConfig[] =>
  [
    withDilations(
      tf.Conv2D,
      { input: tf.Conv2DBackpropInput, filter: tf.Conv2DBackpropFilter },
      locate2D(false),
    ),
    withDilations(
      tf.DepthwiseConv2dNative,
      {
        input: tf.DepthwiseConv2dNativeBackpropInput,
        filter: tf.DepthwiseConv2dNativeBackpropFilter,
      },
      locate2D(true),
    ),
    withDilations(
      tf.Conv3D,
      { input: tf.Conv3DBackpropInputV2, filter: tf.Conv3DBackpropFilterV2 },
      locate3D,
    ),
  ].filter((gradient) => gradient !== undefined);

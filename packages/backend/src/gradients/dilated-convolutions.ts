import * as tf from '@tensorflow/tfjs';
import { runKernel } from '../tfjs-internals';

/** One spatial dimension of a convolution without strides. */
interface DilatedAxis {
  readonly inSize: number;
  readonly window: number;
  readonly dilation: number;
  /** Padding before the first element. */
  readonly before: number;
}

interface BackpropKernels {
  readonly input: string;
  readonly filter: string;
}

/** The inputs of a dilated convolution, channels last, and the gradient of its output. */
interface DilatedCall {
  readonly x: tf.Tensor;
  readonly filter: tf.Tensor;
  readonly dy: tf.Tensor;
}

/** How to split an axis into as many batches as its dilation, so that windows have no gaps. */
const splitAxis = ({ inSize, window, dilation, before }: DilatedAxis, outSize: number) => {
  const covered = Math.max(before + inSize, outSize + (window - 1) * dilation);
  const sizePerBatch = Math.ceil(covered / dilation);
  const windowsPerBatch = sizePerBatch - window + 1;
  return {
    dilation,
    image: [before, sizePerBatch * dilation - inSize - before] as const,
    // The last windows of a batch may have no output. Their gradient is zero.
    output: [0, windowsPerBatch * dilation - outSize] as const,
  };
};

const mutable = (pairs: readonly (readonly [number, number])[]): number[][] =>
  pairs.map(([before, after]) => [before, after]);

/**
 * Computes the gradients of a convolution with dilations and without strides. The backend's
 * gradient kernels support no dilations, so every dilation-th element goes to a separate batch,
 * where the convolution is a plain one.
 *
 * @returns the gradients of x and of the filter, each computed on call
 */
const dilatedGradients = (
  kernels: BackpropKernels,
  { x, filter, dy }: DilatedCall,
  axes: readonly DilatedAxis[],
): { readonly x: () => tf.Tensor; readonly filter: () => tf.Tensor } => {
  // Use the actual output size: for a number as padding, tfjs's geometry may report another.
  const splits = axes.map((axis, index) => splitAxis(axis, dy.shape[index + 1] ?? 0));
  const dilations = splits.map(({ dilation }) => dilation);
  const margins = mutable(splits.map(({ image }) => image));
  const images = () => tf.spaceToBatchND(x, dilations, margins);
  const outputs = () =>
    tf.spaceToBatchND(dy, dilations, mutable(splits.map(({ output }) => output)));
  const ones = axes.map(() => 1);
  const attrs = { strides: ones, dilations: ones, pad: 'valid', dataFormat: 'NHWC' };
  return {
    x: () => {
      const inputShape = images().shape;
      const gradient = runKernel(
        kernels.input,
        { dy: outputs(), filter },
        { ...attrs, inputShape },
      );
      return tf.batchToSpaceND(gradient, dilations, margins);
    },
    filter: () =>
      runKernel(
        kernels.filter,
        { x: images(), dy: outputs() },
        { ...attrs, filterShape: filter.shape },
      ),
  };
};

/** Inserts zeros between the elements of a filter, so that it covers the same windows without dilations. */
const expandFilter = (filter: tf.Tensor, dilations: readonly number[]): tf.Tensor =>
  dilations.reduce((expanded, dilation, axis) => {
    if (dilation === 1) return expanded;
    const { shape } = expanded;
    const size = shape[axis] ?? 1;
    const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
    const gaps = [...shape.map(() => [0, 0]), [0, 0]].map((none, at) =>
      at === axis + 1 ? [0, dilation - 1] : none,
    ) as [number, number][];
    const spread = tf.pad(tf.reshape(expanded, [...before, size, 1, ...after]), gaps);
    return tf.slice(
      tf.reshape(spread, [...before, size * dilation, ...after]),
      shape.map(() => 0),
      [...before, (size - 1) * dilation + 1, ...after],
    );
  }, filter);

/**
 * Computes the gradients of a convolution with dilations and strides, by a filter with zeros in place of
 * the dilations.
 */
const stridedGradients = (
  kernels: BackpropKernels,
  { x, filter, dy }: DilatedCall,
  attrs: tf.Conv2DAttrs,
): { readonly x: () => tf.Tensor; readonly filter: () => tf.Tensor } => {
  const dilations = [attrs.dilations].flat();
  const perAxis = dilations.length === 1 ? [...dilations, ...dilations] : dilations;
  const { strides, pad, dataFormat, dimRoundingMode } = attrs;
  const ones = perAxis.map(() => 1);
  const plain = { strides, pad, dataFormat, dimRoundingMode, dilations: ones };
  const window = filter.shape.map((size, axis) => (size - 1) * (perAxis[axis] ?? 1) + 1);
  return {
    x: () => {
      const expanded = expandFilter(filter, perAxis);
      const { shape: inputShape } = x;
      return runKernel(kernels.input, { dy, filter: expanded }, { ...plain, inputShape });
    },
    filter: () => {
      const gradient = runKernel(kernels.filter, { x, dy }, { ...plain, filterShape: window });
      const steps = filter.shape.map((_, axis) => perAxis[axis] ?? 1);
      return tf.stridedSlice(
        gradient,
        window.map(() => 0),
        window,
        steps,
      );
    },
  };
};

type Geometry2D = ReturnType<typeof tf.backend_util.computeConv2DInfo>;
type Geometry3D = ReturnType<typeof tf.backend_util.computeConv3DInfo>;

/** Padding after the last element isn't needed: it follows from the windows. */
const axes2D = (
  geometry: Pick<
    Geometry2D,
    'inHeight' | 'inWidth' | 'filterHeight' | 'filterWidth' | 'dilationHeight' | 'dilationWidth'
  > & { readonly padInfo: { readonly top: number; readonly left: number } },
): DilatedAxis[] => [
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
  return [depth, ...axes2D(geometry)];
};

const allOnes = (values: number | readonly number[] | null | undefined): boolean =>
  [values ?? 1].flat().every((value) => value === 1);

type ComputeAxes = (
  x: tf.Tensor,
  filter: tf.Tensor,
  attrs: tf.Conv2DAttrs,
) => { readonly axes: DilatedAxis[]; readonly channelsFirst: boolean };

const conv2DAxes =
  (depthwise: boolean): ComputeAxes =>
  (x, filter, attrs) => {
    // DepthwiseConv2dNative ignores its attribute: channels are always last.
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

const conv3DAxes: ComputeAxes = (x, filter, attrs) => {
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

/** Extends tfjs's gradient of a convolution to dilations. */
const withDilations = (
  kernelName: string,
  backprop: BackpropKernels,
  computeAxes: ComputeAxes,
): tf.GradConfig | undefined => {
  const stock = tf.getGradient(kernelName);
  if (stock === undefined) return undefined;
  return {
    ...stock,
    gradFunc: (dy, saved, attrs) => {
      const { dilations, strides } = attrs as unknown as tf.Conv2DAttrs;
      const [x, filter] = saved;
      if (allOnes(dilations) || x === undefined || filter === undefined) {
        return stock.gradFunc(dy, saved, attrs);
      }
      if (!allOnes(strides)) {
        const call = { x, filter, dy: dy as tf.Tensor };
        return stridedGradients(backprop, call, attrs as unknown as tf.Conv2DAttrs);
      }
      const { axes, channelsFirst } = computeAxes(x, filter, attrs as unknown as tf.Conv2DAttrs);
      const call = { x, filter, dy: dy as tf.Tensor };
      if (!channelsFirst) return dilatedGradients(backprop, call, axes);
      const toChannelsLast = (image: tf.Tensor) => tf.transpose(image, [0, 2, 3, 1]);
      const gradients = dilatedGradients(
        backprop,
        { ...call, x: toChannelsLast(x), dy: toChannelsLast(call.dy) },
        axes,
      );
      return { ...gradients, x: () => tf.transpose(gradients.x(), [0, 3, 1, 2]) };
    },
  };
};

/** Gradients of Conv2D, DepthwiseConv2dNative and Conv3D that support dilations, on any backend. */
export const dilatedConvolutionGradients = (): readonly tf.GradConfig[] =>
  [
    withDilations(
      tf.Conv2D,
      { input: tf.Conv2DBackpropInput, filter: tf.Conv2DBackpropFilter },
      conv2DAxes(false),
    ),
    withDilations(
      tf.DepthwiseConv2dNative,
      {
        input: tf.DepthwiseConv2dNativeBackpropInput,
        filter: tf.DepthwiseConv2dNativeBackpropFilter,
      },
      conv2DAxes(true),
    ),
    withDilations(
      tf.Conv3D,
      { input: tf.Conv3DBackpropInputV2, filter: tf.Conv3DBackpropFilterV2 },
      conv3DAxes,
    ),
  ].filter((gradient) => gradient !== undefined);

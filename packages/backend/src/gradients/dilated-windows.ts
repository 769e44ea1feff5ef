import * as tf from '@tensorflow/tfjs';

/** One spatial dimension of a convolution without strides. */
export interface DilatedAxis {
  readonly inSize: number;
  readonly window: number;
  readonly dilation: number;
  /** Padding before the first element. */
  readonly before: number;
}

/** The names of the kernels that give a convolution's gradients. */
export interface BackpropKernels {
  readonly input: string;
  readonly filter: string;
}

/** What a dilated convolution was given, channels last, and the gradient of what it gave. */
export interface DilatedCall {
  readonly x: tf.Tensor;
  readonly filter: tf.Tensor;
  readonly dy: tf.Tensor;
}

/** How an axis is dealt out to as many batches as its dilation, each of which has windows without gaps. */
const deal = ({ inSize, window, dilation, before }: DilatedAxis, outSize: number) => {
  const covered = Math.max(before + inSize, outSize + (window - 1) * dilation);
  const each = Math.ceil(covered / dilation);
  const outEach = each - window + 1;
  return {
    dilation,
    image: [before, each * dilation - inSize - before] as const,
    // The last windows of a batch may have no output; nothing comes back through them.
    output: [0, outEach * dilation - outSize] as const,
  };
};

const asRows = (pairs: readonly (readonly [number, number])[]): number[][] =>
  pairs.map(([before, after]) => [before, after]);

/**
 * The gradients of a convolution with gaps between the elements of its windows, and no strides.
 * Every dilation-th element is dealt to a batch of its own, where the windows have no gaps: so the
 * backend's kernels for plain convolutions serve, which know no dilations.
 *
 * @returns the gradients of x and of the filter, each computed when it is called
 */
export const dilatedGradients = (
  kernels: BackpropKernels,
  { x, filter, dy }: DilatedCall,
  axes: readonly DilatedAxis[],
): { readonly x: () => tf.Tensor; readonly filter: () => tf.Tensor } => {
  // The size that came out: for a number as padding, tfjs's geometry may state another.
  const dealt = axes.map((axis, index) => deal(axis, dy.shape[index + 1] ?? 0));
  const dilations = dealt.map(({ dilation }) => dilation);
  const margins = asRows(dealt.map(({ image }) => image));
  const images = () => tf.spaceToBatchND(x, dilations, margins);
  const outputs = () => tf.spaceToBatchND(dy, dilations, asRows(dealt.map(({ output }) => output)));
  const ones = axes.map(() => 1);
  const attrs = { strides: ones, dilations: ones, pad: 'valid', dataFormat: 'NHWC' };
  const run = (name: string, inputs: tf.NamedTensorMap, more: object): tf.Tensor =>
    tf.engine().runKernel(name, inputs, { ...attrs, ...more } as tf.NamedAttrMap) as tf.Tensor;
  return {
    x: () => {
      const inputShape = images().shape;
      const gradient = run(kernels.input, { dy: outputs(), filter }, { inputShape });
      return tf.batchToSpaceND(gradient, dilations, margins);
    },
    filter: () =>
      run(kernels.filter, { x: images(), dy: outputs() }, { filterShape: filter.shape }),
  };
};

import { ExplainedTypeError } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { asTensor } from '../tfjs-internals';
import { correctPaddedAverage2D, correctPaddedAverage3D } from './average-pooling';
import { addToNearest, type NearestAttributes } from './resize-nearest';

type Inputs = Readonly<Record<string, tf.Tensor>>;
type Attributes = Readonly<Record<string, unknown>>;
type RunStock = (inputs: Inputs, attrs: Attributes) => tf.Tensor;
type CorrectedKernel = (stock: RunStock, inputs: Inputs, attrs: Attributes) => tf.Tensor;

const inputNamed = (inputs: Inputs, name: string): tf.Tensor => {
  const tensor = inputs[name];
  if (tensor !== undefined) return tensor;
  throw new ExplainedTypeError({
    subject: `kernel input "${name}"`,
    expected: 'a tensor',
    actual: 'undefined',
    fix: 'Pass every input of the kernel.',
  });
};

/** Stock divides by the full window size at padded borders. */
const avgPoolGrad: CorrectedKernel = (stock, inputs, attrs) => {
  const { filterSize, strides, pad } = attrs as unknown as tf.AvgPoolGradAttrs;
  const { shape } = inputNamed(inputs, 'input') as tf.Tensor4D;
  const geometry = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
  return stock(
    { ...inputs, dy: correctPaddedAverage2D(inputNamed(inputs, 'dy'), geometry) },
    attrs,
  );
};

/** Stock divides by the full window size at padded borders. */
const avgPool3DGrad: CorrectedKernel = (stock, inputs, attrs) => {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as tf.AvgPool3DGradAttrs;
  const { shape } = inputNamed(inputs, 'input') as tf.Tensor5D;
  const geometry = tf.backend_util.computePool3DInfo(
    shape,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  return stock(
    { ...inputs, dy: correctPaddedAverage3D(inputNamed(inputs, 'dy'), geometry) },
    attrs,
  );
};

/** Stock returns the right elements, but with height and width swapped in the shape. */
const resizeBilinearGrad: CorrectedKernel = (stock, inputs, attrs) =>
  tf.reshape(stock(inputs, attrs), inputNamed(inputs, 'images').shape);

/** Stock reads the second image at a wrong offset, and may loop forever. */
const resizeNearestNeighborGrad: CorrectedKernel = (_stock, inputs, attrs) => {
  const [images, dy] = [inputNamed(inputs, 'images'), inputNamed(inputs, 'dy')];
  const dx = new Float32Array(images.size);
  const shapes = { dx: images.shape, dy: dy.shape };
  const attributes = attrs as unknown as NearestAttributes;
  addToNearest(dx, dy.dataSync() as Float32Array, shapes, attributes, (value) => value);
  return tf.tensor(dx, images.shape);
};

const correctedKernels: Readonly<Record<string, CorrectedKernel>> = {
  [tf.AvgPoolGrad]: avgPoolGrad,
  [tf.AvgPool3DGrad]: avgPool3DGrad,
  [tf.ResizeBilinearGrad]: resizeBilinearGrad,
  [tf.ResizeNearestNeighborGrad]: resizeNearestNeighborGrad,
};

/** Replaces the gradient kernels of tfjs's cpu backend that return wrong numbers. */
export const correctCpuGradientKernels = (): void => {
  for (const [kernelName, correct] of Object.entries(correctedKernels)) {
    const stock = tf.getKernel(kernelName, 'cpu');
    if (stock === undefined) continue;
    tf.unregisterKernel(kernelName, 'cpu');
    tf.registerKernel({
      ...stock,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const runStock: RunStock = (tensors, attributes) =>
          asTensor(
            stock.kernelFunc({
              inputs: tensors as tf.NamedTensorMap,
              attrs: attributes as tf.NamedAttrMap,
              backend,
            }) as tf.TensorInfo,
          );
        return tf.tidy(() => correct(runStock, inputs as unknown as Inputs, attrs ?? {}));
      },
    });
  }
};

import * as tf from '@tensorflow/tfjs';
import { addToNearest, type NearestAttributes } from './add-to-nearest';
import { poolAxes2D, poolAxes3D, shareAmongInside } from './average-share';

type Inputs = Readonly<Record<string, tf.Tensor>>;
type Attributes = Readonly<Record<string, unknown>>;
type Run = (inputs: Inputs, attrs: Attributes) => tf.Tensor;
type Correct = (stock: Run, inputs: Inputs, attrs: Attributes) => tf.Tensor;

const named = (inputs: Inputs, name: string): tf.Tensor => {
  const found = inputs[name];
  if (found === undefined) throw new TypeError(`kernel input ${name}: expected a tensor, got none`);
  return found;
};

/** AvgPoolGrad: stock divides by the whole window at a padded border. */
const avgPoolGrad: Correct = (stock, inputs, attrs) => {
  const { filterSize, strides, pad } = attrs as unknown as tf.AvgPoolGradAttrs;
  const { shape } = named(inputs, 'input') as tf.Tensor4D;
  const geometry = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad);
  const dy = shareAmongInside(named(inputs, 'dy'), poolAxes2D(geometry));
  return stock({ ...inputs, dy }, attrs);
};

/** AvgPool3DGrad: the same. */
const avgPool3DGrad: Correct = (stock, inputs, attrs) => {
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as tf.AvgPool3DGradAttrs;
  const geometry = tf.backend_util.computePool3DInfo(
    (named(inputs, 'input') as tf.Tensor5D).shape,
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const dy = shareAmongInside(named(inputs, 'dy'), poolAxes3D(geometry));
  return stock({ ...inputs, dy }, attrs);
};

/** ResizeBilinearGrad: stock gives the right elements, with height and width changing places. */
const resizeBilinearGrad: Correct = (stock, inputs, attrs) =>
  tf.reshape(stock(inputs, attrs), named(inputs, 'images').shape);

/** ResizeNearestNeighborGrad: stock reads the second image out of place, and may not come to an end. */
const resizeNearestNeighborGrad: Correct = (_stock, inputs, attrs) => {
  const [images, dy] = [named(inputs, 'images'), named(inputs, 'dy')];
  const dx = new Float32Array(images.size);
  const shapes = { dx: images.shape, dy: dy.shape };
  const attributes = attrs as unknown as NearestAttributes;
  addToNearest(dx, dy.dataSync() as Float32Array, shapes, attributes, (value) => value);
  return tf.tensor(dx, images.shape);
};

const corrections: Readonly<Record<string, Correct>> = {
  [tf.AvgPoolGrad]: avgPoolGrad,
  [tf.AvgPool3DGrad]: avgPool3DGrad,
  [tf.ResizeBilinearGrad]: resizeBilinearGrad,
  [tf.ResizeNearestNeighborGrad]: resizeNearestNeighborGrad,
};

/** Puts right the kernels for gradients that give wrong numbers on tfjs's cpu backend. */
export const correctCpuGradientKernels = (): void => {
  for (const [kernelName, correct] of Object.entries(corrections)) {
    const stock = tf.getKernel(kernelName, 'cpu');
    if (stock === undefined) continue;
    tf.unregisterKernel(kernelName, 'cpu');
    tf.registerKernel({
      ...stock,
      kernelFunc: ({ inputs, attrs, backend }) => {
        const run: Run = (tensors, attributes) =>
          tf.engine().makeTensorFromTensorInfo(
            stock.kernelFunc({
              inputs: tensors as tf.NamedTensorMap,
              attrs: attributes as tf.NamedAttrMap,
              backend,
            }) as tf.TensorInfo,
          );
        return tf.tidy(() => correct(run, inputs as unknown as Inputs, attrs ?? {}));
      },
    });
  }
};

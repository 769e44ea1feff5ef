import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { gradientCases } from './support/gradient-cases';
import { layerCases } from './support/layer-cases';
import { stepOf } from './support/layer-step';
import { recordKernels } from './support/record-kernels';
import { runGradientCase } from './support/run-gradient-case';
import { activations, losses } from './support/training-parts';
import { values } from './support/values';
import { startWasm } from './support/wasm';

beforeAll(async () => {
  await startWasm();
  tf.env().set('IS_TEST', false);
});

/**
 * Kernels that run while a layer or a loss is differentiated, but that no gradient passes through.
 */
const withoutGradient: Readonly<Record<string, string>> = {
  CropAndResize: 'has no gradient in tfjs; centerCrop preprocesses images',
  DenseBincount: 'counts integers, in categoryEncoding',
  Floor:
    'piecewise constant, in the masks of dropout; tfjs returns zeros where TensorFlow returns None',
  OnesLike: 'a constant, in masking',
  Range: 'an index of images, in centerCrop',
};

const runLayersAndLosses = (): void => {
  for (const layerCase of Object.values(layerCases)) {
    const { loss, variables } = stepOf(layerCase);
    tf.variableGrads(loss, variables);
  }
  for (const name of activations) {
    const activation = name as Exclude<typeof name, 'logSoftmax'>;
    const layer = tf.layers.activation({ activation });
    tf.grad((x) => layer.apply(x) as tf.Tensor)(values(1, [3, 4]));
  }
  const [y, x] = [values(1, [3, 4]), values(2, [3, 4])];
  for (const loss of Object.values(losses)) tf.grad((logits) => loss(y, logits))(x);
};

it('every kernel of layers and losses, and of their gradients, occurs in a case that is compared with Python', async () => {
  const needed = await recordKernels(runLayersAndLosses);
  const checked = await recordKernels(() => Object.keys(gradientCases).forEach(runGradientCase));
  const unchecked = needed.filter((name) => !checked.includes(name));
  expect(unchecked).toEqual(Object.keys(withoutGradient).toSorted());
});

// session.run() for models whose graph does not take the optimizer's hyperparameters.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { Dataset, defineModelFn, Estimator, getVariable, PredictSpec, TrainSpec } from '../src';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

class CustomSgd extends tf.SGDOptimizer {
  override applyGradients(gradients: Parameters<tf.SGDOptimizer['applyGradients']>[0]): void {
    super.applyGradients(gradients);
  }
}

/** Predicts `2 * x`. Reading values makes the training step untraceable. */
const modelFn = defineModelFn(
  (
    { x }: { readonly x: tf.Tensor2D },
    _isTraining: boolean,
    { optimizer, reads }: { readonly optimizer: () => tf.Optimizer; readonly reads: boolean },
  ) => {
    const w = getVariable('w', { shape: [], initializer: () => tf.scalar(2) });
    const y = x.mul(w);
    const loss = () => {
      if (reads) x.dataSync();
      return y.mean();
    };
    return [new TrainSpec({ loss, optimizer }), null, new PredictSpec({ output: { y } })];
  },
);

it.each([
  ['a custom update rule', () => new CustomSgd(0.1), false],
  ['a training step that cannot be traced', () => tf.train.adam(0.1), true],
])('session.run() works for a model with %s', async (_, optimizer, reads) => {
  const ports = new MemoryPorts();
  const estimator = new Estimator({ modelFn, params: { optimizer, reads } }, ports);
  const trainInputFn = () => Dataset.fromTensorSlices({ x: [[1]] }).batch(1);
  await estimator.setup({ trainInputFn });
  const y = await estimator.session.run('y', { x: [[3]] });
  expect(Array.from(y.dataSync())).toEqual([6]);
  y.dispose();
  await estimator.close();
});

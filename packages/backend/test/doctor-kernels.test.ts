import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { trainingKernelNames } from '../src/doctor/probe/training-kernel-names';
import { registerTrainingGradients } from '../src/gradients/training-gradients';
import { layerCases } from './support/layer-cases';
import { stepOf } from './support/layer-step';
import { recordKernels } from './support/record-kernels';
import { losses, optimizers } from './support/training-parts';
import { values } from './support/values';

it('lists every kernel that a training step with any layer, loss or optimizer runs', async () => {
  await tf.setBackend('cpu');
  registerTrainingGradients();
  const recorded = await recordKernels(() => {
    for (const layerCase of Object.values(layerCases)) {
      const { loss, variables } = stepOf(layerCase);
      tf.variableGrads(loss, variables);
    }
    const [y, x] = [values(1, [3, 4]), values(2, [3, 4])];
    for (const loss of Object.values(losses)) tf.grad((logits) => loss(y, logits))(x);
    const weight = tf.variable(tf.ones([3]));
    for (const make of Object.values(optimizers)) {
      make().minimize(() => tf.mean(tf.square(weight)));
    }
  });
  expect(recorded.filter((name) => !trainingKernelNames.includes(name))).toEqual([]);
  expect(recorded).toContain('Conv2DBackpropFilter');
});

it('lists existing kernels, once each and sorted', () => {
  expect(trainingKernelNames.filter((name) => tf.getKernel(name, 'cpu') === undefined)).toEqual([]);
  expect(trainingKernelNames).toEqual([...new Set(trainingKernelNames)].toSorted());
});

import { pythonOracle, runPython } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { registerTrainingGradients } from './training-gradients';

const source = `
import json, sys
import tensorflow as tf
gradients, values = json.load(sys.stdin), []
v, mg, ms, mom = [tf.Variable(x) for x in (1.0, 0.0, 0.0, 0.0)]
for g in gradients:
    tf.raw_ops.ResourceApplyCenteredRMSProp(var=v.handle, mg=mg.handle, ms=ms.handle, mom=mom.handle,
        lr=0.01, rho=0.9, momentum=0.5, epsilon=1e-7, grad=g)
    values.append(float(v.numpy()))
print(json.dumps(values))
`;

const { python, reason } = await pythonOracle();

/** The first is what stock turns into NaN: equal gradients. */
const sequences = [
  Array(60).fill(1),
  [1, -2, 0.5, 0, 3, 3, 3, -1],
  Array(10).fill(0),
] as number[][];

it.skipIf(python === undefined)(
  `a centered RMSProp updates as TensorFlow's${reason ? ` (${reason})` : ''}`,
  async () => {
    await tf.setBackend('cpu');
    registerTrainingGradients();
    for (const gradients of sequences) {
      const optimizer = tf.train.rmsprop(0.01, 0.9, 0.5, 1e-7, true);
      const variable = tf.variable(tf.scalar(1), true, `value_${Math.random()}`);
      const actual = gradients.map((gradient) => {
        tf.tidy(() => optimizer.applyGradients({ [variable.name]: tf.scalar(gradient) }));
        return variable.dataSync()[0] ?? Number.NaN;
      });
      const stdin = JSON.stringify(gradients);
      const expected = runPython<number[]>(python ?? '', source, [], stdin);
      actual.forEach((value, step) => {
        const reference = expected[step] ?? Number.NaN;
        expect(Math.abs(value - reference)).toBeLessThan(2e-3 * Math.max(1, Math.abs(reference)));
      });
      optimizer.dispose();
      variable.dispose();
    }
  },
);

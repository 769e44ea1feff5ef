import * as tf from '@tensorflow/tfjs';
import { gradientCases } from './gradient-cases';
import type { GradientCase } from './gradient-cases/gradient-case';
import { values } from './values';

/** The value of a case, and the gradients of its differentiated inputs. */
export interface GradientResult {
  readonly y: readonly number[];
  readonly gradients: readonly (readonly number[])[];
}

const seedOf = (name: string) => [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);

export const caseOf = (name: string): GradientCase => {
  const gradientCase = gradientCases[name];
  if (gradientCase === undefined) throw new Error(`no gradient case "${name}"`);
  return gradientCase;
};

export const inputsOf = (name: string): tf.Tensor[] =>
  caseOf(name).shapes.map((shape, index) => values(seedOf(name) + index, shape));

/** The gradient of a case's result. */
export const gradientInto = (name: string, shape: readonly number[]): tf.Tensor =>
  values(seedOf(name) + 9, shape);

export const differentiated = (name: string): number =>
  caseOf(name).differentiate ?? caseOf(name).shapes.length;

/** Runs a case on the current backend. */
export const runGradientCase = (name: string): GradientResult & { readonly shape: number[] } =>
  tf.tidy(() => {
    const { run } = caseOf(name);
    const x = inputsOf(name);
    const y = run(...x);
    const [inputs, rest] = [x.slice(0, differentiated(name)), x.slice(differentiated(name))];
    const partly = (...some: tf.Tensor[]) => run(...some, ...rest);
    const gradients = tf.grads(partly)(inputs, gradientInto(name, y.shape));
    return {
      y: [...y.dataSync()],
      shape: y.shape,
      gradients: gradients.map((gradient) => [...gradient.dataSync()]),
    };
  });

import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';

const scalarOf = (f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, weights: tf.Tensor): number =>
  tf.tidy(() => {
    const parts = Array.from(tf.mul(f(x), weights).dataSync());
    // In float64, because the difference of two sums is small.
    return parts.reduce((sum, part) => sum + part, 0);
  });

/**
 * Compares tfjs's gradient of the sum of f(x) times dy on the current backend with central
 * differences, element by element.
 *
 * @param f piecewise linear; linear within `step` of x
 */
export const expectNumericalGradient = (
  f: (x: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  makeDy: (shape: number[]) => tf.Tensor,
  step = 2 ** -6,
): void => {
  tf.tidy(() => {
    const dy = makeDy(tf.tidy(() => f(x)).shape);
    const gradient = tf.grad(f)(x, dy).dataSync();
    const at = x.dataSync();
    const differences = Array.from(at, (_, index) => {
      const moved = (by: number) => {
        const elements = Float32Array.from(at);
        elements[index] = (elements[index] ?? Number.NaN) + by;
        return tf.tensor(elements, x.shape);
      };
      return tf.tidy(
        () => (scalarOf(f, moved(step), dy) - scalarOf(f, moved(-step), dy)) / (2 * step),
      );
    });
    const scale = differences.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    expect(gradient.length).toBe(differences.length);
    differences.forEach((difference, index) => {
      expect(Math.abs((gradient[index] ?? Number.NaN) - difference) / scale).toBeLessThan(1e-3);
    });
  });
};

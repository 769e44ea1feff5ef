import * as tf from '@tensorflow/tfjs';
import type { Replacements } from './replacements';

/**
 * The gradient of tf.tile as one sum. tfjs's own adds up the repeats in a loop, whose length is the
 * batch size where something is repeated for each example (as in layer normalization).
 */
const gradFunc: tf.GradFunc = (dy, [x], attributes) => {
  const { reps } = attributes as unknown as { readonly reps: readonly number[] };
  const shape: number[] = [];
  const summed: number[] = [];
  let isOpen = false;
  x?.shape.forEach((size, axis) => {
    const repeats = reps[axis] ?? 1;
    if (repeats > 1) summed.push(shape.push(repeats) - 1);
    // Neighbours that stay are one dimension, since backends sum over few.
    const last = shape.length - 1;
    if (isOpen && repeats <= 1) shape[last] = (shape[last] ?? 1) * size;
    else shape.push(size);
    isOpen = true;
  });
  return {
    x: () =>
      (dy as tf.Tensor)
        .reshape(shape)
        .sum(summed)
        .reshape(x?.shape ?? []),
  };
};

/** Takes gradients that loop over the batch in JavaScript by operations instead. */
export const watchGradients = (replacements: Replacements): void => {
  const own = tf.getGradient(tf.Tile);
  if (own === undefined) return;
  tf.unregisterGradient(tf.Tile);
  tf.registerGradient({ kernelName: tf.Tile, inputsToSave: ['x'], gradFunc });
  replacements.onRestore(() => {
    tf.unregisterGradient(tf.Tile);
    tf.registerGradient(own);
  });
};

import * as tf from '@tensorflow/tfjs';
import { callAtEachStep, callRecurrently } from '../recurrence/recurrent-layer';
import {
  type CountingOptimizer,
  type LayerCall,
  optimizerPrototype,
  recurrentLayerPrototype,
  type TimeDistributedLayer,
  timeDistributedPrototype,
} from '../tfjs-internals';
import type { MethodPatches } from './method-patches';
import type { Recorder } from './recorder';
import { hasRecurrences } from './recurrences';
import { untraceable } from './untraceable';

/** Restores the step counts of optimizers, which count in JavaScript. */
export const patchOptimizers = (patches: MethodPatches): void => {
  const counts = new Map<CountingOptimizer, number | undefined>();
  patches.replace(
    optimizerPrototype(),
    'incrementIterations',
    (original) =>
      function incrementIterations(this: CountingOptimizer): void {
        if (!counts.has(this)) counts.set(this, this.iterations_);
        original.call(this);
      },
  );
  patches.onRestore(() => {
    for (const [optimizer, count] of counts) optimizer.iterations_ = count;
  });
};

/**
 * The gradient of tf.tile as one sum. tfjs adds up the repeats in a loop, which is as long as the batch
 * where something is repeated for each example, as in layer normalization.
 */
const tileGradient: tf.GradFunc = (dy, [x], attributes) => {
  const { reps } = attributes as unknown as { readonly reps: readonly number[] };
  const shape: number[] = [];
  const summedAxes: number[] = [];
  let isOpen = false;
  x?.shape.forEach((size, axis) => {
    const repeats = reps[axis] ?? 1;
    if (repeats > 1) summedAxes.push(shape.push(repeats) - 1);
    // Joins neighbouring dimensions that stay, since backends can only sum over few.
    const last = shape.length - 1;
    if (isOpen && repeats <= 1) shape[last] = (shape[last] ?? 1) * size;
    else shape.push(size);
    isOpen = true;
  });
  return {
    x: () =>
      (dy as tf.Tensor)
        .reshape(shape)
        .sum(summedAxes)
        .reshape(x?.shape ?? []),
  };
};

/** Replaces the gradients of tfjs that loop over the batch in JavaScript. */
export const patchGradients = (patches: MethodPatches): void => {
  const original = tf.getGradient(tf.Tile);
  if (original === undefined) return;
  tf.unregisterGradient(tf.Tile);
  tf.registerGradient({ kernelName: tf.Tile, inputsToSave: ['x'], gradFunc: tileGradient });
  patches.onRestore(() => {
    tf.unregisterGradient(tf.Tile);
    tf.registerGradient(original);
  });
};

const DAY = 86_400_000;

/** Makes each call some days later than the one before, so that constants made of the time differ. */
export const patchClock = (patches: MethodPatches, call: number): void => {
  const shift = (now: () => number) => () => now() + call * (DAY + 1003);
  patches.replace(Date, 'now', (original) => shift(() => original.call(Date)));
  patches.replace(performance, 'now', (original) => shift(() => original.call(performance)));
};

type Apply = tf.layers.Layer['apply'];

const isConcrete = (inputs: Parameters<Apply>[0]): boolean =>
  (Array.isArray(inputs) ? inputs : [inputs]).every((input) => input instanceof tf.Tensor);

/**
 * Puts the operations of each tfjs layer in a scope with the layer's name. A layer that is applied in a
 * named `tf.tidy` has that name instead. A model has no scope.
 */
export const patchLayerScopes = (patches: MethodPatches, recorder: Recorder): void => {
  let depth = 0;
  patches.replace(
    tf.layers.Layer.prototype,
    'apply',
    (original) =>
      function apply(this: tf.layers.Layer, inputs, kwargs) {
        const run = () => original.call(this, inputs, kwargs);
        if (!isConcrete(inputs)) return run();
        const hasScope = depth === 0 && recorder.nameScope.scopes.length > 0;
        depth++;
        try {
          if (hasScope || this instanceof tf.LayersModel) return run();
          return tf.tidy(this.name, run as () => tf.Tensor | tf.Tensor[]);
        } finally {
          depth--;
        }
      } as Apply,
  );
};

/** Rejects recurrent layers that keep their state between calls, and records others as recurrences. */
export const patchRecurrentLayers = (patches: MethodPatches, recorder: Recorder): void => {
  patches.replace(
    recurrentLayerPrototype(),
    'call',
    (original) =>
      function call(this: tf.RNN, inputs, kwargs) {
        if (this.stateful) recorder.fail(untraceable.statefulLayer(this.name));
        if (!hasRecurrences()) return original.call(this as never, inputs, kwargs);
        return callRecurrently(this, inputs, kwargs);
      } as LayerCall,
  );
  patches.replace(
    timeDistributedPrototype(),
    'call',
    (original) =>
      function call(this: TimeDistributedLayer, inputs, kwargs) {
        return hasRecurrences()
          ? callAtEachStep(this, inputs, kwargs)
          : original.call(this, inputs, kwargs);
      } as LayerCall,
  );
};

import * as tf from '@tensorflow/tfjs';
import type { Recorder } from './recorder';
import type { Replacements } from './replacements';

type Apply = tf.layers.Layer['apply'];

const isConcrete = (inputs: Parameters<Apply>[0]): boolean =>
  (Array.isArray(inputs) ? inputs : [inputs]).every((input) => input instanceof tf.Tensor);

/**
 * Puts the operations of each tfjs layer into a scope of the layer's name. A layer that is applied in a
 * `tf.tidy` of a name has that name already; a model is not a scope of its own.
 */
export const watchLayers = (replacements: Replacements, recorder: Recorder): void => {
  let depth = 0;
  replacements.replace(
    tf.layers.Layer.prototype,
    'apply',
    (original) =>
      function apply(this: tf.layers.Layer, inputs, kwargs) {
        const run = () => original.call(this, inputs, kwargs);
        if (!isConcrete(inputs)) return run();
        const named = depth === 0 && recorder.place.scopes.length > 0;
        depth++;
        try {
          if (named || this instanceof tf.LayersModel) return run();
          return tf.tidy(this.name, run as () => tf.Tensor | tf.Tensor[]);
        } finally {
          depth--;
        }
      } as Apply,
  );
};

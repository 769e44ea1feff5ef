import type * as tf from '@tensorflow/tfjs';

/**
 * A name that tfjs-layers made up, such as `dense_Dense2`: it counts all layers of the process, so it
 * differs from run to run.
 */
const automaticName = /^(.+)_[A-Z][A-Za-z0-9]*?\d+$/;

/** Whether tfjs-layers made a layer's or model's name up, rather than the user. */
export const isAutomaticName = (name: string): boolean =>
  automaticName.test(name) || /^(sequential_|model)\d+$/.test(name);

/**
 * Names for the weights of a layer or model that are the same in every process: `root/` and then
 * tfjs-layers' own name, with layer names that tfjs made up numbered as TensorFlow does (`dense`,
 * `dense_1`), in the order in which they appear.
 *
 * @param root the layer's own full name
 */
export const weightNames = (layer: tf.layers.Layer, root: string): readonly string[] => {
  const numbered = new Map<string, string>();
  const counts = new Map<string, number>();
  const stable = (segment: string): string => {
    const known = numbered.get(segment);
    if (known !== undefined) return known;
    const base = automaticName.exec(segment)?.[1];
    if (base === undefined) return segment;
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    const name = count === 0 ? base : `${base}_${count}`;
    numbered.set(segment, name);
    return name;
  };
  const own = `${layer.name}/`;
  return layer.weights.map((weight) => {
    const { originalName } = weight;
    const rest = originalName.startsWith(own) ? originalName.slice(own.length) : originalName;
    return `${root}/${rest.split('/').map(stable).join('/')}`;
  });
};

import type * as tf from '@tensorflow/tfjs';

/**
 * A name that tfjs-layers generated, such as `dense_Dense2`. It counts all layers of the process, so it
 * differs from run to run.
 */
const automaticName = /^(.+)_[A-Z][A-Za-z0-9]*?\d+$/;

/** Whether tfjs-layers generated the name of a layer or model. */
export const isAutomaticName = (name: string): boolean =>
  automaticName.test(name) || /^(sequential_|model)\d+$/.test(name);

/**
 * Names for the weights of a layer or model that are the same in every process: `root/`, then the name
 * in tfjs-layers, where generated layer names are numbered as in TensorFlow 1 (`dense`, `dense_1`) in
 * order of appearance.
 *
 * @param root the full name of the layer
 */
export const weightNames = (layer: tf.layers.Layer, root: string): readonly string[] => {
  const stableNames = new Map<string, string>();
  const counts = new Map<string, number>();
  const stableName = (segment: string): string => {
    const existing = stableNames.get(segment);
    if (existing !== undefined) return existing;
    const base = automaticName.exec(segment)?.[1];
    if (base === undefined) return segment;
    const count = counts.get(base) ?? 0;
    counts.set(base, count + 1);
    const name = count === 0 ? base : `${base}_${count}`;
    stableNames.set(segment, name);
    return name;
  };
  const prefix = `${layer.name}/`;
  return layer.weights.map(({ originalName }) => {
    const path = originalName.startsWith(prefix) ? originalName.slice(prefix.length) : originalName;
    return `${root}/${path.split('/').map(stableName).join('/')}`;
  });
};

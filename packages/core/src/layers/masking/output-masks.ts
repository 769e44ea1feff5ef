import * as tf from '@tensorflow/tfjs';
import { toMask, withoutGradient } from '../../scope/tensor-masks';
import { concatenationAxis, maskMadeFor } from '../../scope/tfjs-internals';
import type { LayerInput } from '../layer-types';
import type { Masks } from './masked-calls';

/** The mask of a layer's output. */
type MaskRule = (
  layer: tf.layers.Layer,
  inputs: readonly tf.Tensor[],
  masks: Masks,
) => tf.Tensor | undefined;

const passed: MaskRule = (_layer, _inputs, [mask]) => mask;

/** A step counts if it counts in any input; there is no mask if one of them has none. */
const anyOf: MaskRule = (_layer, inputs, masks) => {
  const known = masks.flatMap((mask) => mask ?? []);
  if (known.length < inputs.length) return undefined;
  return withoutGradient(() => known.reduce((left, right) => tf.logicalOr(left, right)));
};

/** A mask with one value for each vector along the last axis; true without a mask. */
const maskOfVectors = (x: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor => {
  if (mask === undefined) return tf.any(tf.cast(tf.onesLike(x), 'bool'), -1);
  let counts = mask.rank === x.rank ? tf.any(mask, -1) : mask;
  while (counts.rank < x.rank - 1) counts = tf.expandDims(counts, -1);
  return counts;
};

/** Along the last axis, a step counts if it counts in any input; along another, masks are joined. */
const joined: MaskRule = (layer, inputs, masks) => {
  const rank = inputs[0]?.rank ?? 0;
  const axis = (concatenationAxis(layer) + rank) % rank;
  return withoutGradient(() => {
    const counts = inputs.map((x, index) => maskOfVectors(x, masks[index]));
    return axis === rank - 1
      ? counts.reduce((left, right) => tf.logicalOr(left, right))
      : tf.concat(counts, axis);
  });
};

/** A step counts if anything in it counts. Keras 3 keeps the dimensions within steps. */
const ofSteps: MaskRule = (_layer, _inputs, [mask]) =>
  mask === undefined || mask.rank <= 2
    ? mask
    : tf.any(
        mask,
        mask.shape.map((_, axis) => axis).filter((axis) => axis > 1),
      );

/** By the class of the layer, where tfjs-layers has no rule or another one than Keras. */
const rules: Readonly<Record<string, MaskRule>> = {
  Add: anyOf,
  Average: anyOf,
  Concatenate: joined,
  ELU: passed,
  LeakyReLU: passed,
  Maximum: anyOf,
  Minimum: anyOf,
  Multiply: anyOf,
  Rescaling: passed,
  Softmax: passed,
  ThresholdedReLU: passed,
  TimeDistributed: ofSteps,
};

/** Whether a layer of this kind knows what to do with masks; others lose them. */
export const supportsMasks = (layer: tf.layers.Layer): boolean =>
  layer instanceof tf.LayersModel ||
  layer.supportsMasking ||
  layer.getClassName() === 'GlobalAveragePooling1D' ||
  Object.hasOwn(rules, layer.getClassName());

/** The masks that a layer made for its outputs, such as `embedding` with `maskZero`. */
export const madeMasks = (outputs: readonly tf.Tensor[]): Masks =>
  outputs.map((output) => {
    const mask = maskMadeFor(output);
    return mask && toMask(mask);
  });

/** The masks of a layer's outputs, from those of its inputs, of which there is at least one. */
export const outputMasks = (
  layer: tf.layers.Layer,
  input: LayerInput,
  outputs: readonly tf.Tensor[],
  masks: Masks,
): Masks => {
  const className = layer.getClassName();
  const rule = Object.hasOwn(rules, className) ? rules[className] : undefined;
  if (rule !== undefined) return [rule(layer, [input].flat(), masks)];
  if (!layer.supportsMasking) return [];
  const made = madeMasks(outputs);
  if (made.some((mask) => mask !== undefined)) return made;
  const given = masks.length === 1 ? masks[0] : masks.map((mask) => mask ?? null);
  const computed: unknown = layer.computeMask(input, given as tf.Tensor | tf.Tensor[]);
  return [computed].flat().map((mask) => (mask instanceof tf.Tensor ? mask : undefined));
};

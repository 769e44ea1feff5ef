import * as tf from '@tensorflow/tfjs';
import { layersWithin } from '../../scope/inner-layers';
import { maskFits, withoutGradient } from '../../scope/tensor-masks';
import { maskValueOf, nodesInOrder, withCall, wrappedLayer } from '../../scope/tfjs-internals';
import type { LayerInput } from '../layer-types';
import { applyPlainly, firstOf, type Masks, maskedCallOf } from './masked-calls';
import { madeMasks, outputMasks } from './output-masks';

/** The outputs of a layer, and the mask of each. */
export interface MaskedOutputs {
  readonly outputs: readonly [tf.Tensor, ...tf.Tensor[]];
  readonly masks: Masks;
}

const makers = new WeakMap<tf.layers.Layer, boolean>();

/** Whether something inside a model or wrapper makes a mask, so that it matters without one outside. */
const makesMasks = (layer: tf.layers.Layer): boolean => {
  const known = makers.get(layer);
  if (known !== undefined) return known;
  const makes = [...layersWithin(layer)].some(
    (inner) =>
      inner !== layer &&
      (inner.getClassName() === 'Masking' ||
        (inner.getClassName() === 'Embedding' && inner.supportsMasking)),
  );
  makers.set(layer, makes);
  return makes;
};

const isRunByStep = (layer: tf.layers.Layer): boolean =>
  layer.getClassName() === 'TimeDistributed' || layer instanceof tf.LayersModel;

/**
 * Applies a layer to tensors and their masks, as Keras does: the layer uses the masks where it can, and
 * its outputs have those that it passes on or makes.
 *
 * @param masks the mask of each input
 * @param isGiven whether the first mask was passed to the layer, rather than found with its input
 */
export const applyWithMasks = (
  layer: tf.layers.Layer,
  input: LayerInput,
  masks: Masks,
  training: boolean,
  isGiven = false,
): MaskedOutputs => {
  if (layer.getClassName() === 'Masking') return maskSteps(layer, firstOf(input));
  const hasMask = masks.some((mask) => mask !== undefined);
  if (!hasMask && !(isRunByStep(layer) && makesMasks(layer))) {
    const outputs = listed(applyPlainly(layer, input, { training }));
    return { outputs, masks: madeMasks(outputs) };
  }
  if (layer instanceof tf.LayersModel && layer.built) {
    return runModel(layer, [input].flat(), masks, training);
  }
  const outputs = listed(callWithMasks(layer, input, masks, training, isGiven));
  const passed = hasMask ? outputMasks(layer, input, outputs, masks) : [];
  // A mask that was given may have the shape of the whole input, as for softmax, which says nothing of steps.
  return {
    outputs,
    masks: outputs.map((output, index) => {
      const mask = passed[index];
      return mask !== undefined && maskFits(mask, output) ? mask : undefined;
    }),
  };
};

/** tfjs-layers multiplies by the mask, which has no gradient if the input comes from a layer. */
const maskSteps = (layer: tf.layers.Layer, x: tf.Tensor): MaskedOutputs => {
  const counts = withoutGradient(() => tf.any(tf.notEqual(x, maskValueOf(layer)), -1, true));
  const output = tf.where(counts, x, tf.zerosLike(x));
  return { outputs: [output], masks: [withoutGradient(() => tf.squeeze(counts, [x.rank - 1]))] };
};

const listed = (output: tf.Tensor | tf.Tensor[]): [tf.Tensor, ...tf.Tensor[]] => {
  const [first, ...others] = [output].flat();
  return [first ?? firstOf(output), ...others];
};

const callWithMasks = (
  layer: tf.layers.Layer,
  input: LayerInput,
  masks: Masks,
  training: boolean,
  isGiven: boolean,
): tf.Tensor | tf.Tensor[] => {
  const className = layer.getClassName();
  if (className === 'TimeDistributed') return applyByStep(layer, input, masks, training);
  // A mask of time steps is none of the values within a step.
  const fitsValues = isGiven || masks[0]?.rank === firstOf(input).rank;
  if (className === 'Softmax' && !fitsValues) return applyPlainly(layer, input, { training });
  const call = maskedCallOf(layer);
  if (call !== undefined) return call(layer, input, masks, { training });
  return applyPlainly(layer, input, { training, ...(masks[0] && { mask: masks[0] }) });
};

/** Applies the layer inside `timeDistributed` to each step, with the mask of what is inside the step. */
const applyByStep = (
  layer: tf.layers.Layer,
  input: LayerInput,
  [mask]: Masks,
  training: boolean,
): tf.Tensor | tf.Tensor[] => {
  const inner = wrappedLayer(layer);
  const call = (inputs: LayerInput) =>
    tf.tidy(() => {
      const stepMasks = mask !== undefined && mask.rank > 2 ? tf.unstack(mask, 1) : [];
      const steps = tf.unstack(firstOf(inputs), 1);
      const outputs = steps.map(
        (step, index) => applyWithMasks(inner, step, [stepMasks[index]], training).outputs[0],
      );
      return tf.stack(outputs, 1);
    });
  return withCall(layer, call, () => applyPlainly(layer, input, { training }));
};

/** Runs the layers of a model one after the other, which tfjs-layers does without most masks. */
const runModel = (
  model: tf.LayersModel,
  inputs: readonly tf.Tensor[],
  masks: Masks,
  training: boolean,
): MaskedOutputs => {
  const values = new Map<number, readonly [tf.Tensor, tf.Tensor | undefined]>();
  model.inputs.forEach(({ id, dtype }, index) => {
    const input = inputs[index];
    if (input !== undefined) values.set(id, [tf.cast(input, dtype), masks[index]]);
  });
  for (const { outboundLayer, inputTensors, outputTensors } of nodesInOrder(model)) {
    const found = inputTensors.flatMap(({ id }) => {
      const value = values.get(id);
      return value === undefined ? [] : [value];
    });
    const isInput = outputTensors.every(({ id }) => values.has(id));
    if (isInput || found.length < inputTensors.length) continue;
    const tensors = found.map(([tensor]) => tensor);
    const result = applyWithMasks(
      outboundLayer,
      tensors.length === 1 ? firstOf(tensors) : tensors,
      found.map(([, mask]) => mask),
      training,
    );
    outputTensors.forEach(({ id }, index) => {
      const output = result.outputs[index];
      if (output !== undefined) values.set(id, [output, result.masks[index]]);
    });
  }
  const results = model.outputs.flatMap(({ id }) => {
    const value = values.get(id);
    return value === undefined ? [] : [value];
  });
  return {
    outputs: listed(results.map(([tensor]) => tensor)),
    masks: results.map(([, mask]) => mask),
  };
};

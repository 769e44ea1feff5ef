import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import type { ModelCall } from '../scope/model-call';
import { toMask } from '../scope/tensor-masks';
import { explainFailure } from '../scope/tfjs-failures';
import type { LayerInput } from './layer-types';
import { applyWithMasks } from './masking/apply-with-masks';
import { supportsMasks } from './masking/output-masks';

/** The application of a layer in one call of the model function. */
export interface Application {
  readonly call: ModelCall;
  readonly layer: tf.layers.Layer;
  /** The full name of the layer. */
  readonly name: string;
  readonly input: LayerInput;
  /** The mask that was passed to the layer. */
  readonly mask: tf.Tensor | undefined;
}

/** Runs the layer. A traced graph puts its operations in a scope named like the tidy. */
export const applyTo = (application: Application, training: boolean): tf.Tensor => {
  const { call, name } = application;
  const outer = call.layer;
  call.layer = name;
  try {
    return runLayer(application, training);
  } catch (error) {
    throw explainFailure(error, `layer "${name}"`);
  } finally {
    call.layer = outer;
  }
};

const runLayer = (
  { call, layer, name, input, mask }: Application,
  training: boolean,
): tf.Tensor => {
  const masks = [input].flat().map((tensor) => call.masks.get(tensor));
  if (mask !== undefined) masks[0] = toMask(mask);
  const [output, outputMask] = tf.tidy(name, () => {
    // Only the first of several outputs, which layers with `returnState` have.
    const result = applyWithMasks(layer, input, masks, training, mask !== undefined);
    return [result.outputs[0], result.masks[0]] as const;
  });
  if (outputMask !== undefined) call.masks.set(output, outputMask);
  return output;
};

/** Layers that merge several inputs take the masks that these have. */
const mergesInputs = (input: LayerInput, layer: tf.layers.Layer): boolean =>
  Array.isArray(input) && !(layer instanceof tf.RNN) && layer.getClassName() !== 'Bidirectional';

/** @throws ModelFnError when a mask is passed to a layer that would ignore it */
export const assertTakesMask = ({ layer, name, input, mask }: Application): void => {
  if (mask === undefined) return;
  const merges = mergesInputs(input, layer);
  if (supportsMasks(layer) && !merges) return;
  throw new ModelFnError({
    subject: `option "mask" of layer "${name}"`,
    expected: merges ? 'the masks of the inputs themselves' : 'no mask, since the layer ignores it',
    actual: `a mask of shape [${mask.shape}]`,
    fix: merges ? 'Give each input its own by layers.setMask(input, mask).' : 'Remove the option.',
  });
};

/** Keras warns as well: the layers that follow see padding as data. */
export const warnOfLostMask = ({ call, layer, name, input }: Application): void => {
  const isMasked = [input].flat().some((tensor) => call.masks.get(tensor) !== undefined);
  if (!isMasked || supportsMasks(layer)) return;
  process.emitWarning(
    `Layer "${name}" loses the mask of its input, as in Keras: the layers after it count padding as data. ` +
      'If the mask still applies, give it to the output by layers.setMask(output, layers.getMask(input)).',
  );
};

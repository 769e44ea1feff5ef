import * as tf from '@tensorflow/tfjs';
import { layersWithin } from './layers-within';

/** Where tfjs-layers' recurrent cells keep what dropout drew last. */
interface Masks {
  dropoutMask?: tf.Tensor | tf.Tensor[] | null;
  recurrentDropoutMask?: tf.Tensor | tf.Tensor[] | null;
}

/** Frees the dropout masks that recurrent layers keep until they are called again. */
export const disposeMasks = (layer: tf.layers.Layer): void => {
  for (const inner of layersWithin(layer)) {
    const masks = inner as Masks;
    tf.dispose([masks.dropoutMask ?? [], masks.recurrentDropoutMask ?? []]);
    masks.dropoutMask = null;
    masks.recurrentDropoutMask = null;
  }
};

import type * as tf from '@tensorflow/tfjs';

type Layer = tf.layers.Layer;

/** A part of a model, with the layers under test. */
export interface LayerCase {
  /** Shape of one input. */
  readonly input: readonly number[];
  readonly apply: (x: tf.SymbolicTensor) => tf.SymbolicTensor;
  /** The inputs have no gradient. */
  readonly fixedInput?: boolean;
  /** The inputs are class ids from 0 to 9, which have no gradient. */
  readonly integers?: boolean;
  /** Draws random numbers in training, so that two runs differ. */
  readonly random?: boolean;
}

export type LayerCases = Readonly<Record<string, LayerCase>>;

export const connect = (layer: Layer, ...inputs: tf.SymbolicTensor[]): tf.SymbolicTensor =>
  layer.apply(inputs.length === 1 ? (inputs[0] as tf.SymbolicTensor) : inputs) as tf.SymbolicTensor;

/** Layers in sequence. Created on each use, because a layer belongs to one model. */
export const inOrder =
  (make: () => readonly Layer[]): LayerCase['apply'] =>
  (x) =>
    make().reduce((symbol, layer) => connect(layer, symbol), x);

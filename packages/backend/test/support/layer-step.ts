import * as tf from '@tensorflow/tfjs';
import { connect, type LayerCase } from './layer-cases/layer-case';
import { values } from './values';

const batch = 4;

/** A model of a case's layers and a dense head, and its loss on a fixed batch. */
export interface Step {
  readonly model: tf.LayersModel;
  /** The weights and, if it has a gradient, the batch. */
  readonly variables: tf.Variable[];
  readonly loss: () => tf.Scalar;
  /** The output of the model outside of training. */
  readonly predict: () => tf.Tensor;
}

export const stepOf = ({ input, apply, integers, fixedInput }: LayerCase): Step => {
  const source = tf.input({ shape: [...input] });
  const features = apply(source);
  const flat = features.rank > 2 ? connect(tf.layers.flatten(), features) : features;
  const head = connect(tf.layers.dense({ units: 2 }), flat);
  const model = tf.model({ inputs: source, outputs: head });
  const x = tf.tidy(() => {
    const raw = values(5, [batch, ...input]);
    return tf.variable(integers ? tf.floor(tf.mul(tf.abs(raw), 10)) : raw);
  });
  const y = tf.keep(values(6, [batch, 2]));
  return {
    model,
    // `val` holds the variable of a weight, which tfjs-layers declares as its own class.
    variables: [
      ...model.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val),
      ...(integers || fixedInput ? [] : [x]),
    ],
    loss: () =>
      tf.losses.meanSquaredError(y, model.apply(x, { training: true }) as tf.Tensor) as tf.Scalar,
    predict: () => model.apply(x) as tf.Tensor,
  };
};

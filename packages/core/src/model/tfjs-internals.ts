import * as tf from '@tensorflow/tfjs';

/** The part of the engine's state that holds a forward pass for its backward pass. */
interface GradientTape {
  gradientDepth: number;
  activeTape: { readonly saved?: readonly tf.Tensor[] }[] | null;
}

/** Like `tf.variableGrads`, but frees the tensors saved by the forward pass also when it throws. */
export const differentiate = (
  forward: () => tf.Scalar,
  variables: tf.Variable[],
): { value: tf.Scalar; grads: tf.NamedTensorMap } => {
  try {
    return tf.variableGrads(forward, variables);
  } catch (error) {
    const { state } = tf.engine() as unknown as { state: GradientTape };
    if (state.gradientDepth === 0) {
      for (const { saved } of state.activeTape ?? []) tf.dispose([...(saved ?? [])]);
      state.activeTape = null;
    }
    throw error;
  }
};

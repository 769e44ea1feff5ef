import * as tf from '@tensorflow/tfjs';
import { type LayerArguments, recurrentLayer, type TimeDistributedLayer } from '../tfjs-internals';
import { type ScanStep, scan } from './scan';

interface RecurrentArguments extends LayerArguments {
  readonly mask?: tf.Tensor | readonly tf.Tensor[] | null;
  readonly initialState?: tf.Tensor[] | null;
}

const firstOf = <T>(value: T | readonly T[]): T | undefined =>
  Array.isArray(value) ? value[0] : (value as T);

/** The `call` of a layer that applies another one to each time step. */
export const callAtEachStep = (
  { layer }: TimeDistributedLayer,
  inputs: tf.Tensor | tf.Tensor[],
  kwargs: LayerArguments,
): tf.Tensor =>
  tf.tidy(() => {
    const x = firstOf(inputs);
    const step: ScanStep = (slices) => {
      const output = firstOf(layer.call(slices, kwargs));
      if (output === undefined) throw new TypeError('The layer of a time step gave nothing.');
      return { output, states: [] };
    };
    return scan(step, { inputs: x ? [x] : [], initialStates: [] }).output;
  });

/** The mask of each step, as tfjs-layers multiplies by it: [batch, time, 1, …]. */
const stepMasks = (mask: tf.Tensor, rank: number): tf.Tensor => {
  const numbers = tf.cast(tf.cast(mask, 'bool'), 'float32');
  return numbers.rank === rank - 1 ? tf.expandDims(numbers, -1) : numbers;
};

/** The `call` of a recurrent layer of tfjs-layers, with a recurrence in place of its loop. */
export const callRecurrently = (
  layer: tf.RNN,
  inputs: tf.Tensor | tf.Tensor[],
  kwargs: RecurrentArguments | null | undefined,
): tf.Tensor | tf.Tensor[] =>
  tf.tidy(() => {
    const { cell, goBackwards, returnSequences, returnState, getInitialState } =
      recurrentLayer(layer);
    const x = firstOf(inputs);
    if (x === undefined) throw new TypeError(`layer "${layer.name}": expected an input, got none.`);
    const { training, mask, initialState } = kwargs ?? {};
    const stepMask = firstOf(mask ?? undefined);
    const all = [x, ...(stepMask ? [stepMasks(stepMask, x.rank)] : [])];
    const { output, states } = scan(
      ([input, keeps], before) => {
        const operands = [...(input ? [input] : []), ...before];
        const result = cell.call(operands, training === undefined ? {} : { training });
        const [next, ...after] = Array.isArray(result) ? result : [result];
        if (next === undefined)
          throw new TypeError(`layer "${layer.name}": its cell gave nothing.`);
        if (keeps === undefined) return { output: next, states: after };
        const drops = tf.sub(tf.onesLike(keeps), keeps);
        const choose = (value: tf.Tensor, other: tf.Tensor | undefined) =>
          tf.add(tf.mul(value, keeps), tf.mul(other ?? value, drops));
        return {
          output: choose(next, before[0]),
          states: after.map((state, index) => choose(state, before[index])),
        };
      },
      {
        inputs: goBackwards ? all.map((each) => tf.reverse(each, 1)) : all,
        initialStates: initialState ?? getInitialState.call(layer, x),
        returnsSequence: returnSequences,
      },
    );
    return returnState ? [output, ...states] : output;
  });

import { scan } from '@elistimator/graph';
import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../../errors';
import { disposeMasks } from '../../scope/inner-layers';
import { batchNormalizationFields, directionsOf, withCall } from '../../scope/tfjs-internals';
import type { LayerInput } from '../layer-types';

/*
 * What layers do with the mask of their input, as in Keras 3. tfjs-layers has none of this, or differs:
 * its recurrent layers multiply by the mask, so that NaN in padding spreads, and start masked steps from
 * the initial state where Keras has zeros.
 */

/** The mask of each input. */
export type Masks = readonly (tf.Tensor | undefined)[];

interface CallOptions {
  readonly training: boolean;
}

type MaskedCall = (
  layer: tf.layers.Layer,
  input: LayerInput,
  masks: Masks,
  options: CallOptions,
) => tf.Tensor | tf.Tensor[];

/** The stabilizer of Keras, `keras.config.epsilon()`. */
const KERAS_EPSILON = 1e-7;

/** What Keras adds to the logits that softmax leaves out. */
const LARGE_NEGATIVE = -1e9;

export const firstOf = (input: LayerInput): tf.Tensor => {
  const [first] = Array.isArray(input) ? input : [input];
  if (first !== undefined) return first;
  throw new ModelFnError({
    subject: 'input of a layer',
    expected: 'at least one tensor',
    actual: 'an empty array',
    fix: 'Pass the tensors to merge.',
  });
};

/** Tensors in, tensors out: layers return symbolic tensors only for symbolic tensors. */
export const applyPlainly = (
  layer: tf.layers.Layer,
  input: LayerInput,
  options: object,
): tf.Tensor | tf.Tensor[] => layer.apply(input, { ...options }) as tf.Tensor | tf.Tensor[];

/** A mask as bool, with dimensions of 1 up to the given rank. */
const alignMask = (mask: tf.Tensor, rank: number): tf.Tensor => {
  let aligned = tf.cast(mask, 'bool');
  while (aligned.rank < rank) aligned = tf.expandDims(aligned, -1);
  return aligned;
};

const choose = (mask: tf.Tensor, value: tf.Tensor, other: tf.Tensor | number): tf.Tensor =>
  tf.where(alignMask(mask, value.rank), value, other);

interface RecurrentCall {
  readonly training?: boolean | undefined;
  readonly initialState?: tf.Tensor[] | null | undefined;
}

/** Keras's `backend.rnn`: at masked steps, output and states stay as they were before. */
const recurrent = (
  layer: tf.RNN,
  x: tf.Tensor,
  mask: tf.Tensor,
  { training, initialState }: RecurrentCall,
  zeroMaskedOutputs = false,
): tf.Tensor | tf.Tensor[] =>
  tf.tidy(() => {
    disposeMasks(layer);
    if (mask.shape[1] !== x.shape[1]) throw stepMismatch(mask, x);
    const inOrder = (sequence: tf.Tensor) =>
      layer.goBackwards ? tf.reverse(sequence, 1) : sequence;
    const initial = initialState ?? layer.getInitialState(x);
    // The output of the step before is one more state.
    const { output, states } = scan(
      ([step, stepMask], before) => {
        if (step === undefined || stepMask === undefined) throw stepMismatch(mask, x);
        const current = before.slice(0, initial.length);
        const [candidate, ...candidates] = layer.cell.call([step, ...current], {
          training,
        }) as [tf.Tensor, ...tf.Tensor[]];
        const kept = candidates.map((state, at) => choose(stepMask, state, current[at] ?? 0));
        const last = choose(stepMask, candidate, before[initial.length] ?? 0);
        return {
          output: zeroMaskedOutputs ? choose(stepMask, last, 0) : last,
          states: [...kept, last],
        };
      },
      {
        inputs: [inOrder(x), inOrder(tf.cast(mask, 'float32'))],
        initialStates: [...initial, tf.zeros(stepOutputShape(layer, x))],
        returnsSequence: layer.returnSequences,
      },
    );
    return layer.returnState ? [output, ...states.slice(0, initial.length)] : output;
  });

/** The shape of the output of one step. */
const stepOutputShape = (layer: tf.RNN, x: tf.Tensor): number[] => {
  const shapes = layer.computeOutputShape(x.shape);
  const shape = (Array.isArray(shapes[0]) ? shapes[0] : shapes) as number[];
  return layer.returnSequences ? shape.filter((_, axis) => axis !== 1) : shape;
};

const stepMismatch = (mask: tf.Tensor, x: tf.Tensor): ModelFnError =>
  new ModelFnError({
    subject: 'mask of a recurrent layer',
    expected: `[batch, time] of the input's shape, [${x.shape.slice(0, 2)}]`,
    actual: `[${mask.shape}]`,
    fix: 'Pass one value for each time step.',
  });

/** Both directions; in sequences, the outputs of masked steps are zero. */
const bidirectional: MaskedCall = (layer, input, [mask], options) => {
  if (mask === undefined) return applyPlainly(layer, input, options);
  const [forward, backward] = directionsOf(layer);
  const masked =
    (direction: tf.RNN): tf.layers.Layer['call'] =>
    (inputs, kwargs: RecurrentCall) =>
      recurrent(direction, firstOf(inputs), mask, kwargs, direction.returnSequences);
  return withCall(forward, masked(forward), () =>
    withCall(backward, masked(backward), () => applyPlainly(layer, input, options)),
  );
};

const rnn: MaskedCall = (layer, input, [mask], options) => {
  if (mask === undefined || !(layer instanceof tf.RNN)) return applyPlainly(layer, input, options);
  const call: tf.layers.Layer['call'] = (inputs, kwargs: RecurrentCall) =>
    recurrent(layer, firstOf(inputs), mask, kwargs);
  return withCall(layer, call, () => applyPlainly(layer, input, options));
};

/** The mean over the time steps that count; NaN for an example without any, as in Keras. */
const globalAveragePooling1d: MaskedCall = (_, input, [mask]) => {
  const x = firstOf(input);
  const counts = alignMask(mask ?? tf.ones(x.shape.slice(0, 2), 'bool'), x.rank);
  const sum = tf.sum(tf.where(counts, x, 0), 1);
  return tf.div(sum, tf.sum(tf.cast(counts, 'float32'), 1));
};

/** Leaves out what the mask leaves out; those positions become 0. */
const softmax: MaskedCall = (layer, input, [mask], options) => {
  const x = firstOf(input);
  if (mask === undefined) return applyPlainly(layer, x, options);
  const counts = tf.cast(mask, 'bool');
  const output = applyPlainly(layer, tf.where(counts, x, LARGE_NEGATIVE), options);
  return tf.where(counts, firstOf(output), 0);
};

/** In training, mean and variance are those of the time steps that count. */
const batchNormalization: MaskedCall = (layer, input, [mask], options) => {
  const x = firstOf(input);
  if (mask === undefined || !options.training) return applyPlainly(layer, x, options);
  const fields = batchNormalizationFields(layer);
  const axis = fields.axis < 0 ? fields.axis + x.rank : fields.axis;
  const others = x.shape.map((_, at) => at).filter((at) => at !== axis);
  const shape = x.shape.map((size, at) => (at === axis ? size : 1));
  const counts = alignMask(mask, x.rank);
  const ones = tf.where(counts, tf.onesLike(x), 0);
  const count = tf.add(tf.sum(ones, others, true), KERAS_EPSILON);
  const mean = tf.div(tf.sum(tf.where(counts, x, 0), others, true), count);
  const distance = tf.where(counts, tf.sub(x, mean), 0);
  const variance = tf.div(tf.sum(tf.square(distance), others, true), count);
  const average = (variable: tf.LayerVariable, value: tf.Tensor): void => {
    const old = variable.read();
    const change = tf.mul(tf.sub(old, tf.reshape(value, old.shape)), 1 - fields.momentum);
    variable.write(tf.sub(old, change));
  };
  average(fields.movingMean, mean);
  average(fields.movingVariance, variance);
  const read = (variable: tf.LayerVariable | null | undefined, absent: number) =>
    variable ? tf.reshape(variable.read(), shape) : absent;
  const scale = tf.mul(tf.rsqrt(tf.add(variance, fields.epsilon)), read(fields.gamma, 1));
  return tf.add(tf.mul(tf.sub(x, mean), scale), read(fields.beta, 0));
};

const isSameShape = (inputs: readonly tf.Tensor[]): boolean =>
  inputs.every(({ shape }) => shape.join() === inputs[0]?.shape.join());

/** Masked elements count as 1; where no input counts, the output is 0. */
const multiply: MaskedCall = (layer, input, masks, options) => {
  const inputs = [input].flat();
  if (!isSameShape(inputs)) return applyPlainly(layer, input, options);
  const factors = inputs.map((x, index) => {
    const mask = masks[index];
    return mask === undefined ? x : choose(mask, x, 1);
  });
  const product = firstOf(applyPlainly(layer, factors, options));
  const known = masks.flatMap((mask) => mask ?? []);
  if (known.length < inputs.length) return product;
  const any = known.reduce((left, right) => tf.logicalOr(left, right));
  return choose(any, product, 0);
};

/** Where one of two inputs is masked, the other one is taken. */
const extremum =
  (operation: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): MaskedCall =>
  (layer, input, masks, options) => {
    const [first, ...others] = [input].flat();
    if (first === undefined || !isSameShape([first, ...others])) {
      return applyPlainly(layer, input, options);
    }
    let output = first;
    let outputMask = masks[0];
    others.forEach((other, index) => {
      const mask = masks[index + 1];
      const x = mask === undefined ? other : choose(mask, other, output);
      if (outputMask !== undefined) output = choose(outputMask, output, x);
      outputMask =
        mask === undefined || outputMask === undefined ? undefined : tf.logicalOr(outputMask, mask);
      output = operation(output, x);
    });
    return output;
  };

/** By the class of the layer. */
const maskedCalls: Readonly<Record<string, MaskedCall>> = {
  BatchNormalization: batchNormalization,
  Bidirectional: bidirectional,
  ConvLSTM2D: rnn,
  GlobalAveragePooling1D: globalAveragePooling1d,
  GRU: rnn,
  LSTM: rnn,
  Maximum: extremum(tf.maximum),
  Minimum: extremum(tf.minimum),
  Multiply: multiply,
  RNN: rnn,
  SimpleRNN: rnn,
  Softmax: softmax,
};

/** How a layer uses the masks of its inputs; undefined if it doesn't. */
export const maskedCallOf = (layer: tf.layers.Layer): MaskedCall | undefined => {
  const className = layer.getClassName();
  if (Object.hasOwn(maskedCalls, className)) return maskedCalls[className];
  return layer instanceof tf.RNN ? rnn : undefined;
};

import * as tf from '@tensorflow/tfjs';
import { evaluateShape } from '../graph/sized';
import type { RandomNode } from '../graph/types';
import { randomTensor } from '../random';
import { makeConstant } from './constants';
import { evaluateAttributes } from './evaluate-attributes';
import { type CallKernel, type KernelInputs, withKernels } from './kernel-caller';
import type { InputSlots, Program, Step } from './program';

/** The tensors of a run, by slot: what is not computed yet, or no longer needed, is undefined. */
export type Slots = (tf.Tensor | undefined)[];

/** A program at one batch size, with its attributes as tfjs takes them. */
export interface BoundProgram {
  readonly program: Program;
  readonly batchSize: number | undefined;
  readonly attributes: readonly tf.NamedAttrMap[];
}

/** Evaluates all that the batch size decides, once for many runs. */
export const bindProgram = (program: Program, batchSize: number | undefined): BoundProgram => ({
  program,
  batchSize,
  attributes: program.steps.map(({ node }) =>
    node.kind === 'kernel' ? (evaluateAttributes(node, batchSize) as tf.NamedAttrMap) : {},
  ),
});

const read = (slots: Slots, slot: number): tf.Tensor => {
  const tensor = slots[slot];
  if (tensor === undefined) throw new Error(`Slot ${slot} is read before it is written.`);
  return tensor;
};

const gather = (slots: Slots, from: InputSlots): tf.Tensor | tf.Tensor[] =>
  typeof from === 'number'
    ? read(slots, from)
    : (from as readonly number[]).map((slot) => read(slots, slot));

const gatherInputs = ({ inputs, listed }: Step, slots: Slots): KernelInputs => {
  if (listed) return inputs.flatMap(([, from]) => gather(slots, from));
  const tensors: Record<string, tf.Tensor | tf.Tensor[]> = {};
  for (const [name, from] of inputs) if (from !== null) tensors[name] = gather(slots, from);
  return tensors;
};

const draw = (node: RandomNode, batchSize: number | undefined, seed: number): tf.Tensor => {
  const { distribution, parameters, index, outputs } = node;
  const dtype = outputs[0].dtype === 'int32' ? 'int32' : 'float32';
  const shape = evaluateShape(outputs[0].shape, batchSize);
  return randomTensor({ distribution, parameters, index, shape, dtype, seed });
};

const compute = (
  step: Step,
  { batchSize }: BoundProgram,
  attributes: tf.NamedAttrMap,
  slots: Slots,
  call: CallKernel,
  seed: () => number,
): tf.Tensor | tf.Tensor[] => {
  const { node } = step;
  if (node.kind === 'random') return draw(node, batchSize, seed());
  if (node.kind === 'constant') return makeConstant(node, batchSize);
  return call(node.kernel, gatherInputs(step, slots), attributes);
};

/** An error of tfjs or of its backend, with the operation that it came from. */
const named = (error: unknown, { node }: Step): unknown => {
  if (!(error instanceof Error)) return error;
  error.message = `${node.name}: ${error.message}`;
  return error;
};

/**
 * Runs a program's steps.
 *
 * @param slots with the placeholders, variables and constants in their places; the rest is filled here
 * @param seed asked for at most once for each random node
 * @returns the results in the program's order, each the caller's own (or the surrounding tidy's); on an
 *   error nothing is left
 */
export const execute = (bound: BoundProgram, slots: Slots, seed: () => number): tf.Tensor[] =>
  tf.tidy(() =>
    withKernels((call) => {
      const { steps, results } = bound.program;
      for (let index = 0; index < steps.length; index++) {
        const step = steps[index] as Step;
        const attributes = bound.attributes[index] as tf.NamedAttrMap;
        let outputs: tf.Tensor | tf.Tensor[];
        try {
          outputs = compute(step, bound, attributes, slots, call, seed);
        } catch (error) {
          throw named(error, step);
        }
        if (Array.isArray(outputs)) {
          for (let at = 0; at < outputs.length; at++) slots[step.output + at] = outputs[at];
        } else {
          slots[step.output] = outputs;
        }
        for (const slot of step.release) {
          slots[slot]?.dispose();
          slots[slot] = undefined;
        }
      }
      return results.map(({ slot, shared }) => {
        const tensor = read(slots, slot);
        return shared ? (call('Identity', { x: tensor }, {}) as tf.Tensor) : tensor;
      });
    }),
  );

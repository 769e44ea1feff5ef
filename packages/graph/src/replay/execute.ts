import * as tf from '@tensorflow/tfjs';
import {
  dependsOnSizes,
  evaluate,
  evaluateShape,
  formatShape,
  isSymbolicNumber,
  type Sizes,
  symbolsOf,
} from '../ir/symbolic-numbers';
import type { AttributeValue, GraphNode, RandomNode } from '../ir/types';
import { randomTensor } from '../random/random-tensor';
import { makeConstant } from './constants';
import { type CallKernel, type KernelTensors, withKernels } from './kernel-caller';
import type { InputSlots, PlanStep, ReplayPlan } from './plan';

/** The tensors of a run by slot; undefined before they are computed and after their last use. */
export type Slots = (tf.Tensor | undefined)[];

const evaluateAttribute = (value: AttributeValue, sizes: Sizes): unknown => {
  if (isSymbolicNumber(value)) return evaluate(value, sizes);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((part) => evaluateAttribute(part, sizes));
  return evaluateAttributes(value as Readonly<Record<string, AttributeValue>>, sizes);
};

const evaluateAttributes = (
  attributes: Readonly<Record<string, AttributeValue>>,
  sizes: Sizes,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, evaluateAttribute(value, sizes)]),
  );

/** A step with the attributes as tfjs takes them. */
interface BoundStep extends PlanStep {
  readonly attributes: tf.NamedAttrMap;
}

/** @throws RangeError if there is no tensor of this shape, as after a convolution that needs more than it gets */
const assertShapesExist = ({ name, outputs }: GraphNode, sizes: Sizes): void => {
  for (const { shape } of outputs) {
    for (const dimension of shape) {
      if (!dependsOnSizes(dimension) || symbolsOf(dimension).some((symbol) => !sizes.has(symbol)))
        continue;
      const size = evaluate(dimension, sizes);
      if (Number.isInteger(size) && size >= 0) continue;
      const listed = [...sizes].map(([symbol, known]) => `${symbol} = ${known}`).join(', ');
      throw new RangeError(
        `${name}: expected sizes at which ${formatShape(shape)} is a shape, got ${listed}. ` +
          'Feed larger tensors.',
      );
    }
  }
};

const bindSteps = (steps: readonly PlanStep[], sizes: Sizes): readonly BoundStep[] =>
  steps.map((step) => {
    assertShapesExist(step.node, sizes);
    const attributes = step.node.kind === 'kernel' ? step.node.attributes : {};
    return { ...step, attributes: evaluateAttributes(attributes, sizes) as tf.NamedAttrMap };
  });

const noSeed = (): never => {
  throw new Error('A cached step draws random numbers.');
};

/** A plan at some sizes, with everything that is the same in its runs. */
export class BoundPlan {
  readonly sizes: Sizes;
  readonly results: ReplayPlan['results'];
  readonly steps: readonly BoundStep[];
  readonly #cachedSteps: readonly BoundStep[];
  #cache:
    | {
        readonly backend: object;
        readonly tensors: readonly { readonly slot: number; readonly tensor: tf.Tensor }[];
      }
    | undefined;

  constructor({ results, steps, cachedSteps }: ReplayPlan, sizes: Sizes) {
    this.sizes = sizes;
    this.results = results;
    this.steps = bindSteps(steps, sizes);
    this.#cachedSteps = bindSteps(cachedSteps, sizes);
  }

  /**
   * Writes the results of the cached steps.
   *
   * @param isObserved whether the steps must run, since a gradient or a trace records them
   */
  loadCached(slots: Slots, call: CallKernel, isObserved: boolean): void {
    if (this.#cachedSteps.length === 0) return;
    const backend = tf.backend();
    const isValid =
      !isObserved &&
      this.#cache?.backend === backend &&
      this.#cache.tensors.every(({ tensor }) => !tensor.isDisposed);
    if (isValid && this.#cache) {
      for (const { slot, tensor } of this.#cache.tensors) slots[slot] = tensor;
      return;
    }
    runSteps(this.#cachedSteps, this.sizes, slots, noSeed, call);
    if (isObserved) return;
    this.dispose();
    const tensors = this.#cachedSteps.flatMap(({ node, outputSlot }) =>
      node.outputs.map((_, output) => {
        const slot = outputSlot + output;
        return { slot, tensor: tf.keep(read(slots, slot)) };
      }),
    );
    this.#cache = { backend, tensors };
  }

  dispose(): void {
    for (const { tensor } of this.#cache?.tensors ?? []) tensor.dispose();
    this.#cache = undefined;
  }
}

const read = (slots: Slots, slot: number): tf.Tensor => {
  const tensor = slots[slot];
  if (tensor === undefined) throw new Error(`Slot ${slot} is read before it is written.`);
  return tensor;
};

const gather = (slots: Slots, from: Exclude<InputSlots, null>): tf.Tensor | tf.Tensor[] =>
  typeof from === 'number' ? read(slots, from) : from.map((slot) => read(slots, slot));

const gatherInputs = (
  { inputNames, inputSlots, takesList }: PlanStep,
  slots: Slots,
): KernelTensors => {
  if (takesList) {
    return inputSlots.flatMap((from) => (from === null ? [] : gather(slots, from)));
  }
  const tensors: Record<string, tf.Tensor | tf.Tensor[]> = {};
  for (let index = 0; index < inputNames.length; index++) {
    const from = inputSlots[index];
    if (from !== null && from !== undefined) {
      tensors[inputNames[index] as string] = gather(slots, from);
    }
  }
  return tensors;
};

const draw = (node: RandomNode, sizes: Sizes, seed: number): tf.Tensor => {
  const { distribution, parameters, index, outputs } = node;
  const dtype = outputs[0].dtype === 'int32' ? 'int32' : 'float32';
  const shape = evaluateShape(outputs[0].shape, sizes);
  return randomTensor({ distribution, parameters, index, shape, dtype, seed });
};

/** Adds the name of the operation to an error of tfjs or its backend. */
const withOperation = (error: unknown, { node }: PlanStep): unknown => {
  if (error instanceof Error) error.message = `${node.name}: ${error.message}`;
  return error;
};

const runSteps = (
  steps: readonly BoundStep[],
  sizes: Sizes,
  slots: Slots,
  seed: () => number,
  call: CallKernel,
): void => {
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index] as BoundStep;
    const { node, outputSlot, release } = step;
    let outputs: tf.Tensor | tf.Tensor[];
    try {
      if (node.kind === 'kernel') {
        outputs = call(node.kernel, gatherInputs(step, slots), step.attributes);
      } else if (node.kind === 'random') {
        outputs = draw(node, sizes, seed());
      } else {
        outputs = makeConstant(node, sizes);
      }
    } catch (error) {
      throw withOperation(error, step);
    }
    if (Array.isArray(outputs)) {
      for (let output = 0; output < outputs.length; output++) {
        slots[outputSlot + output] = outputs[output];
      }
    } else {
      slots[outputSlot] = outputs;
    }
    for (let at = 0; at < release.length; at++) {
      const slot = release[at] as number;
      slots[slot]?.dispose();
      slots[slot] = undefined;
    }
  }
};

/**
 * Runs the steps of a plan. Call it within a `tf.tidy`, which frees what an error leaves.
 *
 * @param slots with the tensors of placeholders, variables and constants; the others are written here
 * @param seed called for each random node
 * @returns the results, in the order of the plan, none of which is anyone else's tensor
 */
export const execute = (bound: BoundPlan, slots: Slots, seed: () => number): tf.Tensor[] =>
  withKernels((call, isObserved) => {
    bound.loadCached(slots, call, isObserved);
    runSteps(bound.steps, bound.sizes, slots, seed, call);
    return bound.results.map(({ slot, isShared }) => {
      const tensor = read(slots, slot);
      return isShared ? (call('Identity', { x: tensor }, {}) as tf.Tensor) : tensor;
    });
  });

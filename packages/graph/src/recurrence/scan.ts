import {
  checkedFunction,
  ExplainedRangeError,
  kinds,
  listNames,
  required,
  requiredOptions,
} from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { currentEngine, type KernelArguments } from '../tfjs-internals';
import { hasRecurrences, recordStep } from '../trace/recurrences';
import { recordGradient, registerScanGradient } from './scan-gradient';
import { registerScanKernels, SCAN_KERNEL, type ScanAttributes } from './scan-kernels';

/** What a step of a recurrence gives. */
export interface ScanStepResult {
  readonly output: tf.Tensor;
  /** As many as there are initial states, each of the shape and dtype of the one before. */
  readonly states: readonly tf.Tensor[];
}

/**
 * One step of a recurrence.
 *
 * @param inputs of this time step, [batch, …]
 * @param states that the step before gave
 */
export type ScanStep = (inputs: tf.Tensor[], states: tf.Tensor[]) => ScanStepResult;

export interface ScanOptions {
  /** One or more tensors [batch, time, …], of the same number of time steps: at least one. */
  readonly inputs: readonly tf.Tensor[];
  readonly initialStates: readonly tf.Tensor[];
  /** Whether to return the output of each step. Default: true. False: that of the last step. */
  readonly returnsSequence?: boolean | undefined;
}

/** The results of a recurrence. */
export interface ScanResult {
  /** The outputs of all steps, [batch, time, …], or the last one, [batch, …]. */
  readonly output: tf.Tensor;
  readonly states: tf.Tensor[];
}

const unrolled = (
  step: ScanStep,
  { inputs, initialStates, returnsSequence = true }: ScanOptions,
): ScanResult => {
  const slices = inputs.map((input) => tf.unstack(input, 1));
  const steps = slices[0]?.length ?? 0;
  const outputs: tf.Tensor[] = [];
  let states: readonly tf.Tensor[] = initialStates;
  for (let index = 0; index < steps; index++) {
    const result = tf.tidy(() => {
      const { output, states: next } = step(
        slices.flatMap((each) => each[index] ?? []),
        [...states],
      );
      return [output, ...next];
    });
    const [output, ...next] = result;
    if (output === undefined) continue;
    if (returnsSequence) outputs.push(output);
    else outputs[0] = output;
    states = next;
  }
  const [first] = outputs;
  if (first === undefined)
    throw new RangeError('scan(): expected a step that gives an output, got none.');
  return { output: returnsSequence ? tf.stack(outputs, 1) : first, states: [...states] };
};

const assertSteps = (inputs: readonly tf.Tensor[]): void => {
  const [first] = inputs;
  const fits =
    first !== undefined &&
    first.rank >= 2 &&
    (first.shape[1] ?? 0) > 0 &&
    inputs.every(({ shape }) => shape[1] === first.shape[1]);
  if (fits) return;
  throw new ExplainedRangeError({
    subject: '"inputs" of scan()',
    expected: 'tensors [batch, time, …] with one number of time steps, at least 1',
    actual: listNames(inputs.map(({ shape }) => `[${shape}]`)),
    fix: 'Pad or slice them to one length.',
  });
};

/** The first time step of an input. */
const firstSlice = (input: tf.Tensor): tf.Tensor => {
  const [, , ...rest] = input.shape;
  const begin = input.shape.map(() => 0);
  const size = input.shape.map((length, axis) => (axis === 1 ? 1 : length));
  return tf.reshape(tf.slice(input, begin, size), [input.shape[0] ?? 1, ...rest]);
};

const recorded = (
  step: ScanStep,
  { inputs, initialStates, returnsSequence = true }: ScanOptions,
): ScanResult => {
  registerScanKernels();
  registerScanGradient();
  const slices = inputs.map(firstSlice);
  // The step's operands must be different tensors.
  const states = initialStates.map((state) => tf.clone(state));
  // What a step keeps for the next ones, such as the masks of dropout, is made before the recurrence.
  const call = () => {
    const { output, states: next } = step([...slices], [...states]);
    return [output, ...next];
  };
  const outputs = call();
  const { body, shared } = recordStep([...slices, ...states], call);
  const hasGradient = tf.engine().isTapeOn();
  if (hasGradient) recordGradient(body, [...slices, ...states, ...shared], outputs, call);
  const attributes: ScanAttributes = {
    body,
    counts: { inputs: inputs.length, states: states.length, shared: shared.length },
    returnsSequence,
    keepsStates: hasGradient,
  };
  const operands: KernelArguments = [...inputs, ...initialStates, ...shared];
  const results = currentEngine().runKernel(SCAN_KERNEL, operands, attributes);
  const [output, ...others] = Array.isArray(results) ? results : [results];
  if (output === undefined) throw new RangeError('A recurrence lacks an output.');
  return { output, states: others.slice(0, states.length) };
};

/**
 * Applies a step to each time step in turn, and passes states from one to the next. It is what a loop over
 * `tf.unstack(input, 1)` does, with one difference: `trace` records it as one operation for any number of time
 * steps, where that number is an open dimension. A loop would be as long as the traced sequence. Has a
 * gradient.
 *
 * @param step operations on tensors alone: without random numbers, new variables and assignments. In a trace it
 *   is called up to three times
 */
export const scan = checkedFunction(
  'scan()',
  {
    step: required(kinds.callback),
    options: requiredOptions<ScanOptions>({
      inputs: required(kinds.array),
      initialStates: required(kinds.array),
      returnsSequence: kinds.boolean,
    }),
  },
  (step: ScanStep, options: ScanOptions): ScanResult => {
    assertSteps(options.inputs);
    return hasRecurrences() ? recorded(step, options) : unrolled(step, options);
  },
);

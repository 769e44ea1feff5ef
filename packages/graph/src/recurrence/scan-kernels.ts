import * as tf from '@tensorflow/tfjs';
import { type CallKernel, withKernels } from '../replay/kernel-caller';
import { currentBackendName } from '../tfjs-internals';
import { type Body, BodyRunner } from './body';

/** The kernel that runs a recurrence. */
export const SCAN_KERNEL = 'ElistimatorScan';
export const SCAN_GRADIENT_KERNEL = 'ElistimatorScanGradient';

export const isScanKernel = (kernel: string): boolean =>
  kernel === SCAN_KERNEL || kernel === SCAN_GRADIENT_KERNEL;

/** How many operands of each kind a body takes: slices of inputs, states, and what all steps share. */
export interface OperandCounts {
  readonly inputs: number;
  readonly states: number;
  readonly shared: number;
}

/**
 * Attributes of the kernel that runs a recurrence. It is called with the inputs [batch, time, …], the initial
 * states, and what all steps share; the body gives the output of a step, then the new states.
 *
 * Results: the outputs [batch, time, …], or the last one; the last states; and, with `keepsStates`, for each
 * state the states before each step, [time, …].
 */
export interface ScanAttributes {
  readonly body: Body;
  readonly counts: OperandCounts;
  readonly returnsSequence: boolean;
  readonly keepsStates: boolean;
}

/**
 * Attributes of the kernel of its gradient. It is called with the inputs, the states before each step, what
 * all steps share, the gradient of the output, and those of the last states. The body takes what a step takes,
 * and the gradients of its output and states, and gives the gradients of some operands of the step.
 *
 * Results: the gradients of those operands of the recurrence.
 */
export interface ScanGradientAttributes {
  readonly body: Body;
  readonly counts: OperandCounts;
  readonly returnsSequence: boolean;
  /** The operands whose gradients the body gives. */
  readonly operands: readonly number[];
}

const TIME_AXIS = 1;

const list = (result: tf.Tensor | tf.Tensor[]): tf.Tensor[] =>
  Array.isArray(result) ? result : [result];

const unstack = (call: CallKernel, value: tf.Tensor, axis: number): tf.Tensor[] =>
  list(call('Unpack', { value }, { axis }));

const stack = (call: CallKernel, tensors: tf.Tensor[], axis: number): tf.Tensor =>
  call('Pack', tensors, { axis }) as tf.Tensor;

const split = (tensors: readonly tf.Tensor[], { inputs, states, shared }: OperandCounts) => ({
  inputs: tensors.slice(0, inputs),
  states: tensors.slice(inputs, inputs + states),
  shared: tensors.slice(inputs + states, inputs + states + shared),
  others: tensors.slice(inputs + states + shared),
});

const at = (tensors: readonly tf.Tensor[], index: number): tf.Tensor => {
  const tensor = tensors[index];
  if (tensor !== undefined) return tensor;
  throw new RangeError(`A recurrence lacks tensor ${index}.`);
};

const slicesAt = (slices: readonly (readonly tf.Tensor[])[], step: number): tf.Tensor[] =>
  slices.map((each) => at(each, step));

/** Keeps results that are also operands from being returned twice, or as someone else's. */
const own = (call: CallKernel, x: tf.Tensor): tf.Tensor => call('Identity', { x }, {}) as tf.Tensor;

const runScan = (
  call: CallKernel,
  tensors: readonly tf.Tensor[],
  { body, counts, returnsSequence, keepsStates }: ScanAttributes,
): tf.Tensor[] => {
  const { inputs, states: initial, shared } = split(tensors, counts);
  const slices = inputs.map((input) => unstack(call, input, TIME_AXIS));
  const steps = slices[0]?.length ?? 0;
  const runner = new BodyRunner(body, call);
  const outputs: tf.Tensor[] = [];
  const history: (readonly tf.Tensor[])[] = [];
  let states: readonly tf.Tensor[] = initial;
  for (let step = 0; step < steps; step++) {
    if (keepsStates) history.push(states);
    const kept: tf.Tensor[] = tf.tidy(() =>
      runner.run([...slicesAt(slices, step), ...states, ...shared]).map((each) => own(call, each)),
    );
    const [output, ...next] = kept;
    if (output === undefined) throw new RangeError('A recurrence lacks an output.');
    if (returnsSequence || step === steps - 1) outputs.push(output);
    else output.dispose();
    if (!keepsStates && step > 0) tf.dispose([...states]);
    states = next;
  }
  return [
    returnsSequence ? stack(call, outputs, TIME_AXIS) : at(outputs, 0),
    ...states.map((state) => own(call, state)),
    ...(keepsStates ? initial.map((_, index) => stack(call, slicesAt(history, index), 0)) : []),
  ];
};

const runScanGradient = (
  call: CallKernel,
  tensors: readonly tf.Tensor[],
  { body, counts, returnsSequence, operands }: ScanGradientAttributes,
): tf.Tensor[] => {
  const { inputs, states, shared, others } = split(tensors, counts);
  const [outputGradient, ...stateGradients] = others;
  const slices = inputs.map((input) => unstack(call, input, TIME_AXIS));
  const history = states.map((state) => unstack(call, state, 0));
  const steps = slices[0]?.length ?? 0;
  const outputGradients =
    returnsSequence && outputGradient ? unstack(call, outputGradient, TIME_AXIS) : [];
  const noGradient = (like: tf.Tensor): tf.Tensor =>
    call('ZerosLike', { x: like }, {}) as tf.Tensor;
  const zeros = returnsSequence || !outputGradient ? undefined : noGradient(outputGradient);
  const runner = new BodyRunner(body, call);
  const firstShared = counts.inputs + counts.states;
  const inputGradients = operands.map((): tf.Tensor[] => []);
  const sums = operands.map((): tf.Tensor | undefined => undefined);
  let current: readonly tf.Tensor[] = stateGradients;
  for (let step = steps - 1; step >= 0; step--) {
    const ofOutput = returnsSequence
      ? at(outputGradients, step)
      : step === steps - 1
        ? outputGradient
        : zeros;
    if (ofOutput === undefined) throw new RangeError('A recurrence lacks a gradient.');
    const [next, added] = tf.tidy(() => {
      const results = runner
        .run([
          ...slicesAt(slices, step),
          ...slicesAt(history, step),
          ...shared,
          ofOutput,
          ...current,
        ])
        .map((each) => own(call, each));
      const ofStates = stateGradients.map((gradient, index) => {
        const place = operands.indexOf(counts.inputs + index);
        return place < 0 ? noGradient(gradient) : at(results, place);
      });
      const totals = operands.map((operand, place) => {
        const result = at(results, place);
        const sum = sums[place];
        if (operand < firstShared || sum === undefined) return result;
        return call('Add', { a: sum, b: result }, {}) as tf.Tensor;
      });
      return [ofStates, totals] as const;
    });
    current = next;
    added.forEach((tensor, place) => {
      if ((operands[place] ?? 0) < counts.inputs) inputGradients[place]?.unshift(tensor);
      else sums[place] = tensor;
    });
  }
  return operands.map((operand, place) => {
    if (operand < counts.inputs) return stack(call, inputGradients[place] ?? [], TIME_AXIS);
    const total = sums[place];
    if (total === undefined) throw new RangeError('A recurrence of no steps has no gradient.');
    return own(call, total);
  });
};

/** Registers the kernels with tfjs, which looks kernels up by backend. */
export const registerScanKernels = (backendName = currentBackendName()): void => {
  if (tf.getKernel(SCAN_KERNEL, backendName) !== undefined) return;
  const kernels = { [SCAN_KERNEL]: runScan, [SCAN_GRADIENT_KERNEL]: runScanGradient };
  for (const [kernelName, run] of Object.entries(kernels)) {
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) =>
        tf.tidy(() =>
          withKernels((call) => run(call, Object.values(inputs) as tf.Tensor[], attrs as never)),
        ),
    });
  }
};

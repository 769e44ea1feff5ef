import * as tf from '@tensorflow/tfjs';
import type { KernelInput, TensorRef } from '../ir/types';
import type { Body, BodyKernel, BodyNode, BodyRef } from '../recurrence/body';
import type { CurrentRecorder, Recorder } from './recorder';
import type { RecordedConstant, RecordedKernel, RecordedNode } from './recording';
import { untraceable } from './untraceable';

let current: CurrentRecorder | undefined;

/** Calls `fn`, in which recurrences are recorded as such rather than step by step. */
export const withRecurrences = <T>(recorder: CurrentRecorder | undefined, fn: () => T): T => {
  const outer = current;
  current = recorder;
  try {
    return fn();
  } finally {
    current = outer;
  }
};

/** Whether recurrences are recorded as such, since their number of steps may be open. */
export const hasRecurrences = (): boolean => current !== undefined;

/** The step of a recurrence, as it was recorded. */
export interface RecordedStep {
  readonly body: Body;
  /** What the step uses from outside, as the last operands of the body. */
  readonly shared: readonly tf.Tensor[];
}

/** Larger constants belong outside the step. */
const MAX_CONSTANT = 4096;

const isTensorRef = (input: Exclude<KernelInput, null>): input is TensorRef => 'node' in input;

const constantOf = (node: RecordedConstant, recorder: Recorder): BodyNode => {
  const [{ dtype, shape } = { dtype: 'string', shape: [] }] = node.outputs;
  const { values } = node;
  const elements: readonly (number | string)[] =
    values.kind === 'fill' ? [values.fill] : values.kind === 'list' ? [...values.list] : [];
  const numbers = elements.filter((element) => typeof element === 'number');
  const isKnown = numbers.length > 0 && numbers.length === elements.length;
  if (
    isKnown &&
    numbers.length <= MAX_CONSTANT &&
    (dtype === 'float32' || dtype === 'int32' || dtype === 'bool')
  ) {
    return { kind: 'constant', dtype, shape, values: numbers };
  }
  return recorder.fail(
    untraceable.stepEffect(
      `makes a constant of ${tf.util.sizeFromShape([...shape])} elements of ${dtype}`,
    ),
  );
};

const kernelOf = (
  { kernel, inputs, attributes }: RecordedKernel,
  refOf: (ref: TensorRef) => BodyRef,
): BodyKernel => ({
  kind: 'kernel',
  kernel,
  inputNames: Object.keys(inputs),
  inputs: Object.values(inputs).map((input) => {
    if (input === null) return { refs: [], isList: false };
    return isTensorRef(input)
      ? { refs: [refOf(input)], isList: false }
      : { refs: input.map(refOf), isList: true };
  }),
  attributes,
});

/** The recorded operations that the outputs need, with the operands first. */
const bodyOf = (recorder: Recorder, outputs: readonly TensorRef[]): Body => {
  const { nodes } = recorder;
  const needed = new Set<number>();
  const pending = [...outputs];
  for (let ref = pending.pop(); ref !== undefined; ref = pending.pop()) {
    if (needed.has(ref.node)) continue;
    needed.add(ref.node);
    const node = nodes[ref.node];
    if (node?.kind !== 'kernel') continue;
    for (const input of Object.values(node.inputs)) {
      if (input !== null) pending.push(...(isTensorRef(input) ? [input] : input));
    }
  }
  const isOperand = ({ kind }: RecordedNode) => kind === 'placeholder';
  const indexed = nodes.map((node, index) => ({ node, index }));
  const ordered = [
    ...indexed.filter(({ node }) => isOperand(node)),
    ...indexed.filter(({ node, index }) => !isOperand(node) && needed.has(index)),
  ];
  const places = new Map(ordered.map(({ index }, place) => [index, place]));
  const refOf = ({ node, output }: TensorRef): BodyRef => ({
    node: places.get(node) ?? -1,
    output,
  });
  return {
    nodes: ordered.map(({ node }): BodyNode => {
      if (node.kind === 'constant') return constantOf(node, recorder);
      return node.kind === 'kernel' ? kernelOf(node, refOf) : { kind: 'operand' };
    }),
    outputs: outputs.map(refOf),
  };
};

/**
 * Records one step of a recurrence.
 *
 * @param operands tensors, each of which is another one; they are the body's first operands
 * @param step gives the outputs of the body
 */
export const recordStep = (
  operands: readonly tf.Tensor[],
  step: () => readonly tf.Tensor[],
): RecordedStep => {
  if (current === undefined) throw new Error('No trace is recording a recurrence.');
  const outer = current.recorder;
  const recorder = outer.nested();
  for (const operand of operands) recorder.addPlaceholder('', operand);
  current.recorder = recorder;
  try {
    const outputs = step();
    const scope = recorder.nameScope;
    const refs = outputs.map((output) => recorder.refer(output, 'output', scope));
    return { body: bodyOf(recorder, refs), shared: recorder.shared };
  } finally {
    current.recorder = outer;
  }
};

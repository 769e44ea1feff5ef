import * as tf from '@tensorflow/tfjs';
import { currentEngine, separateGradients } from '../tfjs-internals';
import { recordStep } from '../trace/recurrences';
import type { Body } from './body';
import {
  SCAN_GRADIENT_KERNEL,
  SCAN_KERNEL,
  type ScanAttributes,
  type ScanGradientAttributes,
} from './scan-kernels';

/** How to compute the gradients of a recurrence, found when the recurrence itself is recorded. */
type RecordedGradient = Pick<ScanGradientAttributes, 'body' | 'operands'>;

const gradients = new WeakMap<Body, RecordedGradient>();

const isFloat = ({ dtype }: tf.Tensor): boolean => dtype === 'float32';

/**
 * Records the gradient of a step, for the gradient of the recurrence.
 *
 * @param body of the recurrence
 * @param operands those of the body
 * @param outputs the step's, for operands like these
 * @param step gives such outputs
 */
export const recordGradient = (
  body: Body,
  operands: readonly tf.Tensor[],
  outputs: readonly tf.Tensor[],
  step: () => readonly tf.Tensor[],
): void => {
  const dys = outputs.map((output) => tf.onesLike(output));
  const differentiable = operands.flatMap((operand, index) => (isFloat(operand) ? [index] : []));
  const found: number[] = [];
  const weighted = (): tf.Tensor =>
    step()
      .flatMap((output, index) => {
        const dy = dys[index];
        return dy && isFloat(output) ? [tf.sum(tf.mul(output, dy))] : [];
      })
      .reduce((sum, product) => tf.add(sum, product));
  const { body: gradientBody, shared } = recordStep([...operands, ...dys], () =>
    separateGradients(
      weighted,
      differentiable.flatMap((index) => operands[index] ?? []),
    ).flatMap((gradient, index) => {
      if (!gradient) return [];
      found.push(differentiable[index] ?? 0);
      return [gradient];
    }),
  );
  if (shared.length > 0) {
    throw new Error(
      'scan(): expected a step that uses the same tensors in each call, got another one.',
    );
  }
  gradients.set(body, { body: gradientBody, operands: found });
};

/** The gradients of a recurrence with respect to each operand; undefined where there is none. */
const gradientsOf = (
  dys: readonly tf.Tensor[],
  saved: readonly tf.Tensor[],
  { body, counts, returnsSequence, keepsStates }: ScanAttributes,
): readonly (tf.Tensor | undefined)[] => {
  const gradient = gradients.get(body);
  if (!keepsStates || gradient === undefined) {
    throw new Error(
      'A recurrence of a graph has no gradient: differentiate in the traced function.',
    );
  }
  const count = counts.inputs + counts.states + counts.shared;
  const operands = saved.slice(0, count);
  const history = saved.slice(count + 1 + counts.states);
  const attributes: ScanGradientAttributes = { ...gradient, counts, returnsSequence };
  if (gradient.operands.length === 0) return operands.map(() => undefined);
  const results = currentEngine().runKernel(
    SCAN_GRADIENT_KERNEL,
    [
      ...operands.slice(0, counts.inputs),
      ...history,
      ...operands.slice(counts.inputs + counts.states),
      ...dys.slice(0, 1 + counts.states),
    ],
    attributes,
  );
  const tensors = Array.isArray(results) ? results : [results];
  return operands.map((_, index) => tensors[gradient.operands.indexOf(index)]);
};

/** More results than any recurrence has. */
const ALL_OUTPUTS = new Array<boolean>(256).fill(true);

let isRegistered = false;

/** Registers the gradient of the kernel, once. */
export const registerScanGradient = (): void => {
  if (isRegistered) return;
  isRegistered = true;
  tf.registerGradient({
    kernelName: SCAN_KERNEL,
    saveAllInputs: true,
    outputsToSave: ALL_OUTPUTS,
    gradFunc: (dy, saved, attributes) => {
      const dys = Array.isArray(dy) ? dy : [dy];
      const functions = gradientsOf(dys, saved, attributes as unknown as ScanAttributes).map(
        (gradient, index) => () => gradient ?? tf.zerosLike(saved[index] ?? tf.scalar(0)),
      );
      // tfjs takes a list for the inputs of a kernel that is called with one.
      return functions as unknown as Record<string, () => tf.Tensor>;
    },
  });
};

import { ExplainedTypeError, type Explanation, sameShape } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { formatType } from '../ir/symbolic-numbers';
import type { VariableNode } from '../ir/types';

/** A variable that a run reads or assigns is missing, or has another shape or dtype. */
export class VariableError extends ExplainedTypeError {
  override readonly name = 'VariableError';
  constructor(
    readonly variable: string,
    explanation: Explanation,
  ) {
    super(explanation);
  }
}

/** The values of variables, by name. */
export type VariableSource =
  | ((name: string) => tf.Tensor | undefined)
  | ReadonlyMap<string, tf.Tensor>
  | Readonly<Record<string, tf.Tensor>>;

export const findVariable = (source: VariableSource, name: string): tf.Tensor | undefined => {
  if (typeof source === 'function') return source(name);
  if (source instanceof Map) return source.get(name);
  return Object.hasOwn(source, name) ? (source as Record<string, tf.Tensor>)[name] : undefined;
};

/**
 * The value of a variable.
 *
 * @throws VariableError if it has none, or one of another dtype or shape
 */
export const readVariable = (node: VariableNode, source: VariableSource | undefined): tf.Tensor => {
  const [{ dtype, shape }] = node.outputs;
  const tensor = source && findVariable(source, node.name);
  const fits =
    tensor !== undefined &&
    !tensor.isDisposed &&
    tensor.dtype === dtype &&
    tensor.shape.length === shape.length &&
    shape.every((dimension, axis) => dimension === tensor.shape[axis]);
  if (fits) return tensor;
  const actual =
    tensor &&
    (tensor.isDisposed ? 'a disposed one' : `${tensor.dtype} [${tensor.shape.join(', ')}]`);
  throw new VariableError(node.name, {
    subject: `variable "${node.name}"`,
    expected: `a tensor of ${formatType(node.outputs[0])}`,
    actual: actual ?? 'none',
    fix: 'Pass it as option "variables": a record, a map or a function by name.',
  });
};

const isAssignable = (tensor: tf.Tensor): tensor is tf.Variable =>
  tensor instanceof tf.Variable || 'assign' in tensor;

/** The variable itself, for the assignment at the end of a run. */
export const assignableVariable = (
  node: VariableNode,
  source: VariableSource | undefined,
): tf.Variable => {
  const tensor = readVariable(node, source);
  if (isAssignable(tensor)) return tensor;
  throw new VariableError(node.name, {
    subject: `variable "${node.name}"`,
    expected: 'a tf.Variable, since the run assigns it',
    actual: 'a tensor',
    fix: 'Pass tf.Variables as option "variables", or read the updates of a run without "commit".',
  });
};

/**
 * Assigns all values, or none if one of them does not fit.
 *
 * @param values one for each variable; they remain the caller's
 * @throws VariableError naming the first variable whose value does not fit
 */
export const assignAll = (
  variables: readonly tf.Variable[],
  values: readonly tf.Tensor[],
): void => {
  variables.forEach((variable, index) => {
    const value = values[index] as tf.Tensor;
    if (variable.dtype === value.dtype && sameShape(variable.shape, value.shape)) return;
    throw new VariableError(variable.name, {
      subject: `variable "${variable.name}"`,
      expected: `a new value of ${variable.dtype} [${variable.shape.join(', ')}]`,
      actual: `${value.dtype} [${value.shape.join(', ')}]`,
      fix: 'Trace the model again: the graph belongs to other variables.',
    });
  });
  variables.forEach((variable, index) => {
    variable.assign(values[index] as tf.Tensor);
  });
};

import * as tf from '@tensorflow/tfjs';
import { VariableError } from '../graph/errors';
import { formatSized } from '../graph/sized';
import type { VariableNode } from '../graph/types';

/** Where a run finds the values of variables, by name. */
export type VariableSource =
  | ((name: string) => tf.Tensor | undefined)
  | ReadonlyMap<string, tf.Tensor>
  | Readonly<Record<string, tf.Tensor>>;

/** What a source has under a name. */
export const findVariable = (source: VariableSource, name: string): tf.Tensor | undefined => {
  if (typeof source === 'function') return source(name);
  if (source instanceof Map) return source.get(name);
  return Object.hasOwn(source, name) ? (source as Record<string, tf.Tensor>)[name] : undefined;
};

/**
 * The value of a variable, checked.
 *
 * @throws VariableError when there is none, or one of another dtype or shape
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
  const found =
    tensor &&
    (tensor.isDisposed ? 'a disposed one' : `${tensor.dtype} [${tensor.shape.join(', ')}]`);
  throw new VariableError(node.name, {
    subject: `variable "${node.name}"`,
    expected: `a tensor of ${dtype} [${shape.map(formatSized).join(', ')}]`,
    actual: found ?? 'none',
    fix: 'Give it in the options: variables is a record, a map or a function by name.',
  });
};

const isAssignable = (tensor: tf.Tensor): tensor is tf.Variable =>
  tensor instanceof tf.Variable || 'assign' in tensor;

/** The variable itself, for an assignment at the end of a run. */
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
    fix: 'Give variables that can be assigned, or take the updates without commit.',
  });
};

/**
 * Assigns all new values, or none when one does not fit.
 *
 * @param values for each variable the value it takes; they stay the caller's
 * @throws VariableError naming the first that does not fit
 */
export const commit = (variables: readonly tf.Variable[], values: readonly tf.Tensor[]): void => {
  const pairs = variables.map((variable, at) => ({ variable, value: values[at] as tf.Tensor }));
  for (const { variable, value } of pairs) {
    const fits = variable.dtype === value.dtype && tf.util.arraysEqual(variable.shape, value.shape);
    if (fits) continue;
    throw new VariableError(variable.name, {
      subject: `variable "${variable.name}"`,
      expected: `a new value of ${variable.dtype} [${variable.shape.join(', ')}]`,
      actual: `${value.dtype} [${value.shape.join(', ')}]`,
      fix: 'The graph is not one of this variable.',
    });
  }
  for (const { variable, value } of pairs) variable.assign(value);
};

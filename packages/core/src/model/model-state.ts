import type * as tf from '@tensorflow/tfjs';
import { VariableMismatchError } from '../errors';
import type { CheckpointTensor } from '../ports';
import { type Assignment, assertFits, assignAll } from './checkpoint-tensors';

/** A variable of a model or of its optimizer. */
export interface VariableInfo {
  /** The name in checkpoints and graphs, such as `conv2d/kernel` or `conv2d/kernel/Adam`. */
  readonly name: string;
  readonly dtype: tf.DataType;
  readonly shape: readonly number[];
  /** Whether training changes it; evaluated when it is read, since layers can be frozen. */
  readonly trainable: boolean;
  readonly role: 'model' | 'optimizer';
}

/** Where the numbers of a model are. Checkpoints, sessions and executors share this and nothing else. */
export interface ModelState {
  /** Model variables in creation order, then those of the optimizer. */
  readonly variables: readonly VariableInfo[];
  /**
   * Reads values back: by default everything that a checkpoint holds, including the optimizer's step
   * count and hyperparameters. All reads are of the moment of the call.
   *
   * @param names the variables to read
   */
  read(names?: readonly string[]): Promise<CheckpointTensor[]>;
  /**
   * Assigns values to model variables by name: all of them, or none.
   *
   * @throws VariableMismatchError for a name, shape or dtype that the model does not have
   */
  assign(tensors: readonly CheckpointTensor[]): Promise<void>;
  /**
   * Restores everything from a checkpoint, or nothing. Optimizer state that the checkpoint lacks
   * starts anew.
   *
   * @throws VariableMismatchError naming the first model variable that is missing or differs
   */
  restore(tensors: readonly CheckpointTensor[], options?: RestoreStateOptions): Promise<void>;
  /**
   * The live variable of this name.
   *
   * @throws VariableMismatchError when there is none
   */
  tensor(name: string): tf.Variable;
}

export interface RestoreStateOptions {
  /** Keep the current hyperparameters instead of the saved ones. Default: false. */
  readonly keepHyperparameters?: boolean | undefined;
}

/** @throws VariableMismatchError for a name that the model does not have */
export const namedVariable = (
  variables: ReadonlyMap<string, tf.Variable>,
  name: string,
): tf.Variable => {
  const variable = variables.get(name);
  if (variable !== undefined) return variable;
  throw new VariableMismatchError(name, {
    expected: `one of ${[...variables.keys()].join(', ')}`,
    actual: 'a name that the model does not have',
    fix: 'Use a name of session.variables.',
  });
};

/**
 * Assigns values by name: all of them, or none.
 *
 * @throws VariableMismatchError for a name, shape or dtype that the variables do not have
 */
export const assignByName = (
  variables: ReadonlyMap<string, tf.Variable>,
  tensors: readonly CheckpointTensor[],
): void =>
  assignAll(
    tensors.map((tensor): Assignment => {
      const variable = namedVariable(variables, tensor.name);
      assertFits(tensor, variable);
      return [variable, tensor];
    }),
  );

/**
 * The assignment of a checkpoint's value to a model variable.
 *
 * @throws VariableMismatchError when the value is missing or differs in shape or dtype
 */
export const requiredAssignment = (
  name: string,
  variable: tf.Variable,
  saved: ReadonlyMap<string, CheckpointTensor>,
): Assignment => {
  const tensor = saved.get(name);
  if (tensor === undefined) {
    throw new VariableMismatchError(name, {
      expected: `a value of shape [${variable.shape}] in the checkpoint`,
      actual: `none among ${saved.size} tensors`,
      fix: 'Restore a checkpoint of this model. An older one lacks layers that were added or renamed since.',
    });
  }
  assertFits(tensor, variable);
  return [variable, tensor];
};

import { InvalidCheckpointOptionError } from '../errors';
import type { VariableInfo } from '../tensor';
import { type AssignmentMap, assignmentsOf } from './assignment-map';

/** A tensor of a checkpoint and the variable that it goes into. */
export interface VariableMatch {
  readonly key: string;
  readonly variable: string;
}

/** A tensor that was meant for a variable and does not fit. */
export interface VariableMismatch extends VariableMatch {
  readonly expected: VariableInfo;
  readonly actual: VariableInfo;
}

/** What a warm start can take over, and what not. */
export interface VariableReport {
  readonly matched: readonly VariableMatch[];
  /** Of another shape or dtype. */
  readonly mismatched: readonly VariableMismatch[];
  /** The model's variables that get nothing. */
  readonly unmatched: readonly string[];
  /** The checkpoint's tensors that go nowhere. */
  readonly unused: readonly string[];
}

const fits = (a: VariableInfo, b: VariableInfo): boolean =>
  a.dtype === b.dtype &&
  a.shape.length === b.shape.length &&
  a.shape.every((size, axis) => size === b.shape[axis]);

/**
 * Finds out which tensors of a checkpoint go into which variables of a model.
 *
 * @param checkpoint what `CheckpointReader.variables()` lists
 * @param model the model's variables
 * @param assignmentMap picks and renames; by default every variable takes the tensor of its own name
 * @throws InvalidCheckpointOptionError when the map names a tensor or a variable that is not there
 */
export const matchVariables = (
  checkpoint: readonly VariableInfo[],
  model: readonly VariableInfo[],
  assignmentMap: AssignmentMap = { '/': '/' },
): VariableReport => {
  const keys = new Map(checkpoint.map((info) => [info.name, info]));
  const variables = new Map(model.map((info) => [info.name, info]));
  const matched: VariableMatch[] = [];
  const mismatched: VariableMismatch[] = [];
  const missing = (what: string, name: string, from: ReadonlyMap<string, unknown>): never => {
    const actual = [...from.keys()].join(', ');
    throw new InvalidCheckpointOptionError(
      'assignmentMap',
      `${what} "${name}"`,
      actual,
      'Correct the name.',
    );
  };
  for (const { key, variable, explicit } of assignmentsOf(assignmentMap, [...variables.keys()])) {
    const actual = keys.get(key);
    const expected = variables.get(variable);
    if (expected === undefined) return missing('a variable', variable, variables);
    if (actual === undefined) {
      if (explicit) return missing('a tensor', key, keys);
    } else if (fits(expected, actual)) {
      matched.push({ key, variable });
    } else {
      mismatched.push({ key, variable, expected, actual });
    }
  }
  const filled = new Set(matched.map(({ variable }) => variable));
  const used = new Set(matched.map(({ key }) => key));
  return {
    matched,
    mismatched,
    unmatched: [...variables.keys()].filter((name) => !filled.has(name)),
    unused: [...keys.keys()].filter((name) => !used.has(name)),
  };
};

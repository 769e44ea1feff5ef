import type { CheckpointReader } from './bundle/open-checkpoint';
import { InvalidCheckpointOptionError } from './errors';
import type { CheckpointTensor, VariableInfo } from './tensor';

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

/**
 * Which tensors of a checkpoint go into which variables, as TensorFlow's `init_from_checkpoint` has it: names
 * of tensors to names of variables, or scopes to scopes, which end in a slash (`/` alone is the root):
 * `{ 'encoder/': 'model/encoder/', 'head/kernel': 'model/top/kernel' }`. For one variable a name counts before a
 * scope, and a narrower scope before a wider one: `{ '/': '/', 'old/kernel': 'kernel' }` renames one of all.
 */
export type AssignmentMap = Readonly<Record<string, string>>;

/** One assignment: the tensor's key in the checkpoint and the variable's name. */
export interface Assignment {
  readonly key: string;
  readonly variable: string;
  /** Named by itself, not through its scope: then it has to be there. */
  readonly explicit: boolean;
}

/** How closely a map's right side says which variable is meant; a name is closer than any scope. */
const closenessOf = (to: string): number => scopeOf(to)?.length ?? Number.POSITIVE_INFINITY;

const scopeOf = (name: string): string | undefined => {
  if (name === '/') return '';
  return name.endsWith('/') ? name : undefined;
};

/**
 * The assignments that a map asks for, given the model's variables.
 *
 * @throws InvalidCheckpointOptionError when a scope stands against a name, or a variable is assigned twice
 */
export const assignmentsOf = (map: AssignmentMap, variables: readonly string[]): Assignment[] => {
  const assigned = new Map<string, Assignment>();
  const closest = new Map<string, number>();
  const assign = (assignment: Assignment, closeness: number) => {
    const { variable, key } = assignment;
    const before = assigned.get(variable);
    const closer = closeness - (closest.get(variable) ?? -1);
    if (closer < 0) return;
    closest.set(variable, closeness);
    // Infinity less Infinity is no number: two names.
    if (before !== undefined && before.key !== key && !(closer > 0)) {
      const actual = `"${before.key}" and "${key}"`;
      throw new InvalidCheckpointOptionError(
        'assignmentMap',
        `one tensor for "${variable}"`,
        actual,
        'Drop one.',
      );
    }
    assigned.set(variable, assignment);
  };
  for (const [from, to] of Object.entries(map)) {
    const [fromScope, toScope] = [scopeOf(from), scopeOf(to)];
    if ((fromScope === undefined) !== (toScope === undefined)) {
      const fix = 'End both in a slash, or none.';
      throw new InvalidCheckpointOptionError(
        'assignmentMap',
        'two scopes or two names',
        `${from}: ${to}`,
        fix,
      );
    }
    if (fromScope === undefined || toScope === undefined) {
      assign({ key: from, variable: to, explicit: true }, closenessOf(to));
      continue;
    }
    for (const variable of variables) {
      if (!variable.startsWith(toScope)) continue;
      const key = `${fromScope}${variable.slice(toScope.length)}`;
      assign({ key, variable, explicit: false }, closenessOf(to));
    }
  }
  return [...assigned.values()];
};

/**
 * Reads the tensors that `matchVariables` matched, under the variables' names, and no others.
 *
 * @throws TensorNotFoundError, CorruptCheckpointError, UnsupportedCheckpointError
 */
export const readMatches = async (
  reader: CheckpointReader,
  matches: readonly VariableMatch[],
): Promise<readonly CheckpointTensor[]> => {
  const tensors: CheckpointTensor[] = [];
  for (const { key, variable } of matches)
    tensors.push({ ...(await reader.read(key)), name: variable });
  return tensors;
};

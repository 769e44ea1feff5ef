import { InvalidCheckpointOptionError } from '../errors';

/**
 * Which tensors of a checkpoint go into which variables, as TensorFlow's `init_from_checkpoint` has it: names
 * of tensors to names of variables, or scopes to scopes, which end in a slash (`/` alone is the root):
 * `{ 'encoder/': 'model/encoder/', 'head/kernel': 'model/top/kernel' }`.
 */
export type AssignmentMap = Readonly<Record<string, string>>;

/** One assignment: the tensor's key in the checkpoint and the variable's name. */
export interface Assignment {
  readonly key: string;
  readonly variable: string;
  /** Named by itself, not through its scope: then it has to be there. */
  readonly explicit: boolean;
}

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
  const assign = (assignment: Assignment) => {
    const { variable, key } = assignment;
    const before = assigned.get(variable);
    if (before !== undefined && before.key !== key) {
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
      assign({ key: from, variable: to, explicit: true });
      continue;
    }
    for (const variable of variables) {
      if (!variable.startsWith(toScope)) continue;
      assign({ key: `${fromScope}${variable.slice(toScope.length)}`, variable, explicit: false });
    }
  }
  return [...assigned.values()];
};

import { InvalidCheckpointOptionError } from '../errors';

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

import {
  checkedAsyncFunction,
  checkedFunction,
  didYouMean,
  kinds,
  optional,
  options,
  required,
  sameShape,
} from '@elistimator/internal';
import { type CastDType, castTarget } from './bundle/cast';
import type { CheckpointReader } from './bundle/open-checkpoint';
import { InvalidCheckpointOptionError, show } from './errors';
import {
  type CheckpointDType,
  type CheckpointTensor,
  checkpointDTypes,
  type SavedVariable,
} from './tensor';

/**
 * Which tensors of a checkpoint go into which variables, like TensorFlow's `init_from_checkpoint`: names of tensors to
 * names of variables, or scopes to scopes. Scopes end with a slash, and `/` alone is the root:
 * `{ 'encoder/': 'model/encoder/', 'head/kernel': 'model/top/kernel' }`. If several entries match a variable, a name
 * takes precedence over a scope, and a narrower scope over a wider one: `{ '/': '/', 'old/kernel': 'kernel' }` renames
 * one variable and leaves the names of the others unchanged.
 */
export type AssignmentMap = Readonly<Record<string, string>>;

/** A tensor of a checkpoint and the variable that it goes into. */
export interface VariableMatch {
  /** The tensor's name in the checkpoint. */
  readonly key: string;
  readonly variable: string;
  /** Present if the tensor has another dtype than the variable, and its values are cast. */
  readonly cast?: { readonly from: CheckpointDType; readonly to: CastDType } | undefined;
}

/** Options of `matchVariables`. */
export interface MatchOptions {
  /**
   * Casts tensors of another dtype than their variables: real numbers to float32 or float64, integers to int32,
   * complex128 to complex64. Default: false.
   */
  readonly cast?: boolean | undefined;
}

/** A tensor that was assigned to a variable with another shape or dtype. */
export interface VariableMismatch extends VariableMatch {
  /** The variable. */
  readonly expected: SavedVariable;
  /** The tensor in the checkpoint. */
  readonly actual: SavedVariable;
}

/** What a warm start restores, and what it does not. */
export interface VariableReport {
  readonly matched: readonly VariableMatch[];
  /** Assignments whose shapes differ, or whose dtypes differ and are not cast. */
  readonly mismatched: readonly VariableMismatch[];
  /** Variables of the model that get no value from the checkpoint. */
  readonly unmatched: readonly string[];
  /** Tensors of the checkpoint that go into no variable. */
  readonly unused: readonly string[];
}

interface Assignment extends VariableMatch {
  /** True if the map names the tensor, not only its scope; then the tensor must exist. */
  readonly explicit: boolean;
}

/** The part of a name that a scope replaces; undefined if the name is not a scope. */
const scopeOf = (name: string): string | undefined => {
  if (name === '/') return '';
  return name.endsWith('/') ? name : undefined;
};

/** Entries of a map with greater precision take precedence. */
const precisionOf = (to: string): number => scopeOf(to)?.length ?? Number.POSITIVE_INFINITY;

/**
 * Expands a map to single assignments.
 *
 * @throws InvalidCheckpointOptionError if a scope is mapped to a name or vice versa, or if two entries of the same
 *   precision assign different tensors to one variable
 */
const assignmentsOf = (map: AssignmentMap, variables: readonly string[]): Assignment[] => {
  const assignments = new Map<string, Assignment & { readonly precision: number }>();
  const assign = (assignment: Assignment, precision: number) => {
    const { variable, key } = assignment;
    const previous = assignments.get(variable);
    if (previous !== undefined && previous.precision > precision) return;
    if (previous?.precision === precision && previous.key !== key) {
      throw new InvalidCheckpointOptionError(
        'assignmentMap',
        `one tensor for "${variable}"`,
        `"${previous.key}" and "${key}"`,
        'Remove one of the two entries.',
      );
    }
    assignments.set(variable, { ...assignment, precision });
  };
  for (const [from, to] of Object.entries<unknown>(map)) {
    if (typeof to !== 'string') {
      throw new InvalidCheckpointOptionError(
        'assignmentMap',
        'names or scopes',
        `${show(to)} for "${from}"`,
        'Map each name to one name. Other options follow as the next argument.',
      );
    }
    const [fromScope, toScope] = [scopeOf(from), scopeOf(to)];
    if ((fromScope === undefined) !== (toScope === undefined)) {
      throw new InvalidCheckpointOptionError(
        'assignmentMap',
        'two scopes or two names',
        `"${from}": "${to}"`,
        'End both with a slash, or neither.',
      );
    }
    if (fromScope === undefined || toScope === undefined) {
      assign({ key: from, variable: to, explicit: true }, precisionOf(to));
      continue;
    }
    for (const variable of variables) {
      if (!variable.startsWith(toScope)) continue;
      const key = `${fromScope}${variable.slice(toScope.length)}`;
      assign({ key, variable, explicit: false }, precisionOf(to));
    }
  }
  return [...assignments.values()];
};

const unknownName = (kind: string, name: string, names: Iterable<string>) =>
  new InvalidCheckpointOptionError(
    'assignmentMap',
    `only names of existing ${kind}s`,
    `the ${kind} "${name}"`,
    didYouMean(name, [...names]),
  );

const isReadable = (dtype: SavedVariable['dtype']): dtype is CheckpointDType =>
  checkpointDTypes.some((readable) => readable === dtype);

/** The cast that an assignment needs: none for equal dtypes; false if it is impossible. */
const castOf = (
  { dtype: from }: SavedVariable,
  { dtype: to }: SavedVariable,
): VariableMatch['cast'] | false => {
  if (from === to) return undefined;
  const target = castTarget(from, to);
  return isReadable(from) && target !== undefined && { from, to: target };
};

/**
 * Determines which tensors of a checkpoint go into which variables of a model.
 *
 * @param checkpoint the tensors, as `CheckpointReader.variables()` lists them
 * @param model the model's variables
 * @param assignmentMap selects and renames tensors. Default: each variable takes the tensor of the same name.
 * @throws InvalidCheckpointOptionError if the map names a tensor or a variable that does not exist
 */
export const matchVariables = checkedFunction(
  'matchVariables()',
  {
    checkpoint: required(kinds.array),
    model: required(kinds.array),
    assignmentMap: optional(kinds.object),
    options: options<MatchOptions>({ cast: kinds.boolean }),
  },
  (
    checkpoint: readonly SavedVariable[],
    model: readonly SavedVariable[],
    assignmentMap: AssignmentMap = { '/': '/' },
    { cast: isCasting = false }: MatchOptions = {},
  ): VariableReport => {
    const tensors = new Map(checkpoint.map((info) => [info.name, info]));
    const variables = new Map(model.map((info) => [info.name, info]));
    const matched: VariableMatch[] = [];
    const mismatched: VariableMismatch[] = [];
    for (const { key, variable, explicit } of assignmentsOf(assignmentMap, [...variables.keys()])) {
      const actual = tensors.get(key);
      const expected = variables.get(variable);
      if (expected === undefined) throw unknownName('variable', variable, variables.keys());
      if (actual === undefined) {
        if (explicit) throw unknownName('tensor', key, tensors.keys());
        continue;
      }
      const cast = castOf(actual, expected);
      const fits = cast === undefined || (isCasting && cast !== false);
      if (fits && sameShape(expected.shape, actual.shape))
        matched.push({ key, variable, ...(cast && { cast }) });
      else mismatched.push({ key, variable, expected, actual });
    }
    const assigned = new Set(matched.map(({ variable }) => variable));
    const used = new Set(matched.map(({ key }) => key));
    return {
      matched,
      mismatched,
      unmatched: [...variables.keys()].filter((name) => !assigned.has(name)),
      unused: [...tensors.keys()].filter((name) => !used.has(name)),
    };
  },
);

/**
 * Reads the tensors of matches under the variables' names, and casts them where the matches say so.
 *
 * @throws TensorNotFoundError, CorruptCheckpointError; UnsupportedCheckpointError also if a value does not fit into
 *   the dtype that it is cast to
 */
export const readMatches = checkedAsyncFunction(
  'readMatches()',
  { reader: required(kinds.object), matches: required(kinds.array) },
  async (
    reader: CheckpointReader,
    matches: readonly VariableMatch[],
  ): Promise<readonly CheckpointTensor[]> => {
    const tensors: CheckpointTensor[] = [];
    for (const { key, variable, cast } of matches) {
      const tensor = await (cast ? reader.read(key, { as: cast.to }) : reader.read(key));
      tensors.push({ ...tensor, name: variable });
    }
    return tensors;
  },
);

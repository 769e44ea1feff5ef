import { listNames } from '@elistimator/internal';
import type { CheckpointReader } from '../bundle/open-checkpoint';
import { InvalidCheckpointOptionError, show, UnsupportedCheckpointError } from '../errors';
import type { CheckpointDType, CheckpointTensor } from '../tensor';

/** Variable names, or variable names by their keys in the checkpoint, like TF1 Saver's `var_list`. */
export type VariableList = readonly string[] | Readonly<Record<string, string>>;

const variableDTypes = [
  'float32',
  'float64',
  'int32',
  'int64',
  'bool',
  'string',
  'complex64',
] as const;

/** The dtypes of tfjs variables; int64, which TensorFlow uses for the global step; float64 of hyperparameters. */
export type VariableDType = (typeof variableDTypes)[number];

const isNames = (list: VariableList): list is readonly string[] => Array.isArray(list);

/** Each variable's key in the checkpoint and its name. */
const keysAndNames = (list: VariableList): (readonly [key: string, name: string])[] =>
  isNames(list) ? list.map((name) => [name, name]) : Object.entries(list);

/** @throws InvalidCheckpointOptionError if the list is empty or contains a variable twice, or is no list of names */
export const copyVariableList = (list: VariableList): VariableList => {
  const fail = (actual: string, fix: string): never => {
    throw new InvalidCheckpointOptionError('varList', 'each variable once', actual, fix);
  };
  if (typeof list !== 'object' || list === null)
    fail(show(list), 'Pass an array of names, or an object of names by their keys.');
  const names = keysAndNames(list).map(([, name]) => name);
  const invalid = names.find((name) => typeof name !== 'string');
  if (invalid !== undefined) fail(show(invalid), 'Pass names only.');
  if (names.length === 0) fail('an empty list', 'Leave the option out to save all variables.');
  const duplicate = names.find((name, index) => names.indexOf(name) < index);
  if (duplicate !== undefined) fail(`"${duplicate}" twice`, 'Remove the duplicate.');
  return isNames(list) ? [...list] : { ...list };
};

/**
 * Selects the tensors of a list and renames them to their keys in the checkpoint.
 *
 * @throws InvalidCheckpointOptionError if the list names a variable that does not exist
 */
export const selectTensors = <T extends { readonly name: string }>(
  list: VariableList | undefined,
  tensors: readonly T[],
): readonly T[] => {
  if (list === undefined) return tensors;
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return keysAndNames(list).map(([key, name]) => {
    const tensor = byName.get(name);
    if (tensor === undefined) {
      throw new InvalidCheckpointOptionError(
        'varList',
        `names of existing variables`,
        `"${name}"`,
        `The variables are ${listNames([...byName.keys()])}.`,
      );
    }
    return { ...tensor, name: key };
  });
};

const hasVariableDType = (tensor: CheckpointTensor): tensor is CheckpointTensor<VariableDType> =>
  variableDTypes.some((dtype: CheckpointDType) => dtype === tensor.dtype);

/**
 * Reads the tensors of a list under the variables' names; all tensors without a list.
 *
 * @throws TensorNotFoundError, CorruptCheckpointError; UnsupportedCheckpointError for a dtype that tfjs
 *   variables do not have
 */
export const readVariables = async (
  reader: CheckpointReader,
  list: VariableList | undefined,
): Promise<readonly CheckpointTensor<VariableDType>[]> => {
  const tensors: CheckpointTensor[] = [];
  if (list === undefined) {
    tensors.push(...(await reader.readAll()));
  } else {
    for (const [key, name] of keysAndNames(list))
      tensors.push({ ...(await reader.read(key)), name });
  }
  return tensors.map((tensor) => {
    if (hasVariableDType(tensor)) return tensor;
    throw new UnsupportedCheckpointError(
      reader.file,
      tensor.name,
      `a dtype of ${variableDTypes.join(', ')}`,
      tensor.dtype,
      'Select the other variables with varList, or read this one with openCheckpoint() and convert it.',
    );
  });
};

import type { CheckpointReader } from '../bundle/open-checkpoint';
import type { CheckpointDType } from '../dtypes';
import { InvalidCheckpointOptionError, UnsupportedCheckpointError } from '../errors';
import type { CheckpointTensor } from '../tensor';

/** Names of variables, or variables' names by the keys under which the checkpoint has them, as TF1 Saver's `var_list`. */
export type VariableList = readonly string[] | Readonly<Record<string, string>>;

/** Each variable's key in the checkpoint and its name. */
export const pairsOf = (list: VariableList): [key: string, variable: string][] =>
  Array.isArray(list)
    ? list.map((name) => [name, name])
    : Object.entries(list as Record<string, string>);

/** @throws InvalidCheckpointOptionError when it is empty, or names a variable twice */
export const assertVariableList = (list: VariableList): void => {
  const variables = pairsOf(list).map(([, variable]) => variable);
  const twice = variables.find((variable, index) => variables.indexOf(variable) < index);
  if (variables.length === 0 || twice !== undefined) {
    const actual = twice === undefined ? 'none' : `${twice} twice`;
    throw new InvalidCheckpointOptionError(
      'varList',
      'each variable once',
      actual,
      'Leave it out for all.',
    );
  }
};

/**
 * The tensors that a list picks, under the checkpoint's keys.
 *
 * @throws InvalidCheckpointOptionError when it names one that is not there
 */
export const toCheckpoint = <T extends { readonly name: string }>(
  list: VariableList | undefined,
  tensors: readonly T[],
): readonly T[] => {
  if (list === undefined) return tensors;
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return pairsOf(list).map(([key, variable]) => {
    const tensor = byName.get(variable);
    if (tensor === undefined) {
      const actual = [...byName.keys()].join(', ');
      throw new InvalidCheckpointOptionError(
        'varList',
        `a variable "${variable}"`,
        actual,
        'Correct the name.',
      );
    }
    return { ...tensor, name: key };
  });
};

const variableDTypes = ['float32', 'int32', 'int64', 'bool', 'string', 'complex64'] as const;

/** The dtypes of a model's variables: those of tfjs, and int64, which TensorFlow counts steps in. */
export type VariableDType = (typeof variableDTypes)[number];

const isVariable = (tensor: CheckpointTensor): tensor is CheckpointTensor<VariableDType> =>
  variableDTypes.some((dtype: CheckpointDType) => dtype === tensor.dtype);

/**
 * Reads the tensors of a checkpoint that a list picks, under the variables' names; all without a list.
 *
 * @throws TensorNotFoundError, CorruptCheckpointError; UnsupportedCheckpointError for a dtype that no tfjs
 *   variable has
 */
export const readVariables = async (
  reader: CheckpointReader,
  list: VariableList | undefined,
): Promise<readonly CheckpointTensor<VariableDType>[]> => {
  const tensors: CheckpointTensor[] = [];
  if (list === undefined) {
    tensors.push(...(await reader.readAll()));
  } else {
    for (const [key, name] of pairsOf(list)) tensors.push({ ...(await reader.read(key)), name });
  }
  return tensors.map((tensor) => {
    if (isVariable(tensor)) return tensor;
    const fix =
      'Pick the other variables by varList, or read it by openCheckpoint() and convert it.';
    const expected = `a dtype of ${variableDTypes.join(', ')}`;
    throw new UnsupportedCheckpointError(reader.file, tensor.name, expected, tensor.dtype, fix);
  });
};

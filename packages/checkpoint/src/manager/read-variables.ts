import type { CheckpointReader } from '../bundle';
import type { CheckpointDType } from '../dtypes';
import { UnsupportedCheckpointError } from '../errors';
import type { CheckpointTensor } from '../tensor';
import { pairsOf, type VariableList } from './variable-list';

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

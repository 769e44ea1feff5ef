import type { CheckpointReader } from '../bundle';
import type { CheckpointTensor } from '../tensor';
import type { VariableMatch } from './match-variables';

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

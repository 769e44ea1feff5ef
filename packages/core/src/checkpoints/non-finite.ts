import { hasNonFinite } from '@elistimator/internal';
import type { ModelState } from '../model/model-state';
import type { CheckpointTensor } from '../ports';

/** A number that is NaN or infinite, and the variable that has it. */
export interface NonFiniteValue {
  readonly variable: string;
  readonly value: number;
}

/** The first value that is NaN or, unless `allowInfinity` is set, infinite. */
const nonFiniteOf = ({ data }: CheckpointTensor, allowInfinity: boolean): number | undefined => {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return undefined;
  if (!hasNonFinite(data)) return undefined;
  const isWrong = allowInfinity ? Number.isNaN : (value: number) => !Number.isFinite(value);
  return data.find(isWrong);
};

/**
 * The first NaN or infinite value among the tensors of a checkpoint.
 *
 * @param constants variables that training does not change, which may be infinite: an attention mask is
 */
export const findNonFinite = (
  tensors: readonly CheckpointTensor[],
  constants: ReadonlySet<string>,
): NonFiniteValue | undefined => {
  for (const tensor of tensors) {
    const value = nonFiniteOf(tensor, constants.has(tensor.name));
    if (value !== undefined) return { variable: tensor.name, value };
  }
  return undefined;
};

/** The names of a model's variables that training does not change. */
export const constantsOf = ({ variables }: ModelState): ReadonlySet<string> =>
  new Set(
    variables
      .filter(({ role, trainable }) => role === 'model' && !trainable)
      .map(({ name }) => name),
  );

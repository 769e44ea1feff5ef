import type { DataType } from '@tensorflow/tfjs';
import { isFilled, isNumeric as isNumbers } from '../graph/constant-values';
import type { ConstantValues, Sized } from '../graph/types';

type Numeric = 'float32' | 'int32' | 'bool';

const isNumeric = (dtype: DataType): dtype is Numeric =>
  dtype === 'float32' || dtype === 'int32' || dtype === 'bool';

/** Whether every backend gives the same number: no rounding, no overflow. */
const isExact = (value: number, to: Numeric): boolean => {
  if (to === 'bool') return value === 0 || value === 1;
  if (to === 'float32') return Math.fround(value) === value;
  return Number.isInteger(value) && Math.abs(value) < 2 ** 31 && !Object.is(value, -0);
};

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

const castFill = (fill: Sized | string, to: Numeric): ConstantValues | undefined =>
  typeof fill === 'number' && isExact(fill, to) ? { fill } : undefined;

/** The values in another dtype; undefined where a backend might round them its own way. */
export const castValues = (
  values: ConstantValues,
  from: DataType,
  to: DataType,
): ConstantValues | undefined => {
  if (!isNumeric(from) || !isNumeric(to)) return undefined;
  if (isFilled(values)) return castFill(values.fill, to);
  if (!isNumbers(values)) return undefined;
  return Array.from(values).every((value) => isExact(value, to))
    ? arrays[to].from(values)
    : undefined;
};

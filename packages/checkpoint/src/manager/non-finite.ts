import { hasNonFinite } from '@elistimator/internal';
import type { WritableTensor } from '../tensor';

/** All bits of the exponent, which NaN and infinity have set. */
const HALF_EXPONENT = { float16: 0x7c00, bfloat16: 0x7f80 } as const;

const isNonFinite = ({ dtype, data }: WritableTensor): boolean => {
  if (data instanceof Float32Array || data instanceof Float64Array) return hasNonFinite(data);
  if ((dtype === 'float16' || dtype === 'bfloat16') && data instanceof Uint16Array) {
    const exponent = HALF_EXPONENT[dtype];
    return data.some((bits) => (bits & exponent) === exponent);
  }
  return false;
};

/** Whether a tensor of real or complex numbers has a NaN or infinite value. */
export const isModelNonFinite = (tensors: readonly WritableTensor[]): boolean =>
  tensors.some(isNonFinite);

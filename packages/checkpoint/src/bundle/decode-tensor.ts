import { maskedCrc32c } from '@elistimator/protos';
import { hex32 } from '../bytes/hex';
import { Malformed } from '../bytes/malformed';
import { type CheckpointDType, type FixedData, fixedLayouts, type TensorData } from '../dtypes';
import { elementCount } from '../tensor';
import { hostIsBigEndian, swapBytes } from './byte-order';
import { decodeStrings } from './string-tensor';

/** What is needed to make sense of a tensor's bytes. */
export interface DecodeOptions {
  readonly dtype: CheckpointDType;
  readonly shape: readonly number[];
  /** The masked CRC-32C that the index carries. */
  readonly checksum: number;
  readonly bigEndian: boolean;
}

/**
 * Verifies a tensor's bytes and gives its values: a view of the bytes where their alignment allows.
 *
 * @param bytes in a buffer that nothing else uses; they may be changed
 * @throws Malformed when they do not add up to the checksum, or are not as the dtype has them
 */
export const decodeTensor = (
  bytes: Uint8Array,
  options: DecodeOptions,
): TensorData[CheckpointDType] => {
  const { dtype, shape, checksum, bigEndian } = options;
  const count = elementCount(shape) ?? 0;
  if (dtype === 'string') return decodeStrings(bytes, count, checksum);
  const computed = maskedCrc32c(bytes);
  if (computed !== checksum) throw new Malformed(`checksum ${hex32(checksum)}`, hex32(computed));
  const { array, lanes, size } = fixedLayouts[dtype];
  const numberSize = size / lanes;
  const aligned = bytes.byteOffset % numberSize === 0 ? bytes : new Uint8Array(bytes);
  if (bigEndian !== hostIsBigEndian) swapBytes(aligned, numberSize);
  // TensorFlow takes every byte but 0 as true.
  if (dtype === 'bool') for (const [at, byte] of aligned.entries()) if (byte > 1) aligned[at] = 1;
  const values: FixedData = new array(aligned.buffer, aligned.byteOffset, count * lanes);
  return values;
};

import { ByteWriter } from '../bytes/byte-writer';

/** Part of one dimension of a partitioned variable; `length` undefined: all of it. */
export interface SliceExtent {
  readonly start: number;
  readonly length: number | undefined;
}

const bigEndian = (value: bigint, length: number): number[] =>
  Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn));

/** An integer whose bytes sort as it does: as many leading ones as it has bytes, then the value. */
const signedOrdered = (value: number): number[] => {
  if (value < 0) return signedOrdered(-value - 1).map((byte) => byte ^ 0xff);
  let length = 1;
  while (value >= 2 ** (7 * length - 1)) length++;
  const ones = ((1n << BigInt(length)) - 1n) << BigInt(7 * length);
  return bigEndian(ones | BigInt(value), length);
};

/** A non-negative integer whose bytes sort as it does: their count, then the value. */
const unsignedOrdered = (value: number): number[] => {
  let length = 0;
  while (value >= 2 ** (8 * length)) length++;
  return [length, ...bigEndian(BigInt(value), length)];
};

/** Bytes that sort as the string does and end themselves. */
const stringOrdered = (text: string): number[] => {
  const escaped = [...Buffer.from(text)].flatMap((byte) => {
    if (byte === 0x00) return [0x00, 0xff];
    return byte === 0xff ? [0xff, 0x00] : [byte];
  });
  return [...escaped, 0x00, 0x01];
};

/**
 * The key under which one slice of a partitioned variable lies in the index. Sources:
 * `EncodeTensorNameSlice` in TensorFlow's `saved_tensor_slice_util.cc`, `ordered_code.cc`.
 *
 * @param extents one for each dimension
 */
export const sliceKey = (name: string, extents: readonly SliceExtent[]): Uint8Array => {
  const key = new ByteWriter();
  key.push(unsignedOrdered(0)).push(stringOrdered(name)).push(unsignedOrdered(extents.length));
  for (const { start, length } of extents) {
    const whole = length === undefined;
    key.push(signedOrdered(whole ? 0 : start)).push(signedOrdered(whole ? -1 : length));
  }
  return key.bytes();
};

const twoTo32 = 2 ** 32;

/**
 * Writes integers as 64-bit ones, little-endian, without a BigInt for each. Exact for safe integers.
 *
 * @param into at least as long as `values`; made when left out
 */
export const int64s = (
  values: readonly number[],
  into: BigInt64Array = new BigInt64Array(values.length),
): BigInt64Array => {
  const halves = new Int32Array(into.buffer, into.byteOffset, values.length * 2);
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    halves[index * 2] = value;
    halves[index * 2 + 1] = Math.floor(value / twoTo32);
  }
  return into;
};

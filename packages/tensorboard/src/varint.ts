/** Bytes that an int64 takes as a protobuf varint. */
export const varintSize = (value: number): number => {
  if (value < 0) return 10;
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
};

/**
 * Writes an int64 as a protobuf varint.
 *
 * @param value a safe integer
 * @returns where the next field starts
 */
export const writeVarint = (bytes: Uint8Array, at: number, value: number): number => {
  if (value < 0) return writeBigVarint(bytes, at, BigInt.asUintN(64, BigInt(value)));
  let next = at;
  let rest = value;
  // Bit operations see 32 bits only, and steps may have 53.
  while (rest >= 0x80) {
    bytes[next++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[next++] = rest;
  return next;
};

const writeBigVarint = (bytes: Uint8Array, at: number, value: bigint): number => {
  let next = at;
  let rest = value;
  while (rest >= 0x80n) {
    bytes[next++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  bytes[next++] = Number(rest);
  return next;
};

import { memory, type Pointer } from './c-api';

/** Bytes of one `TF_TString`. */
export const stringSize = 24;
/** The longest string that lies in the `TF_TString` itself. */
const longestSmall = 22;
/** Eigen, which computes on the elements, expects this alignment of every tensor. */
const alignment = 64;

/** The two low bits of a `TF_TString` say where its bytes are. */
const storage = { small: 0, large: 1, offset: 2, view: 3 } as const;

/**
 * Lays out byte strings as the elements of a string tensor: first all `TF_TString`, then the bytes
 * of those too long for theirs. In one block, so that freeing it frees everything whoever does so
 * last. Source: TensorFlow's `ctstring_internal.h`.
 *
 * @returns the block's address, to be given to `memory().free`
 */
export const allocateStrings = (strings: readonly Uint8Array[]): Pointer => {
  const heads = strings.length * stringSize;
  const tails = strings.reduce(
    (sum, { length }) => sum + (length > longestSmall ? length + 1 : 0),
    0,
  );
  const size = Math.max(alignment, Math.ceil((heads + tails) / alignment) * alignment);
  const address = memory().allocate(alignment, size);
  const block = new Uint8Array(size);
  const view = new DataView(block.buffer);
  let head = 0;
  let tail = heads;
  for (const bytes of strings) {
    if (bytes.length <= longestSmall) {
      block[head] = (bytes.length << 2) | storage.small;
      block.set(bytes, head + 1);
    } else {
      view.setBigUint64(head, (BigInt(bytes.length) << 2n) | BigInt(storage.large), true);
      view.setBigUint64(head + 8, BigInt(bytes.length), true);
      view.setBigUint64(head + 16, address + BigInt(tail), true);
      block.set(bytes, tail);
      tail += bytes.length + 1;
    }
    head += stringSize;
  }
  memory().copy(address, block, size);
  return address;
};

const at = (head: DataView, address: Pointer): { start: Pointer; length: number } => {
  switch (head.getUint8(0) & 3) {
    case storage.small:
      return { start: address + 1n, length: head.getUint8(0) >> 2 };
    case storage.offset:
      return {
        start: address + BigInt(head.getUint32(4, true)),
        length: head.getUint32(0, true) >>> 2,
      };
    default: {
      const large = (head.getUint8(0) & 3) === storage.large;
      return {
        start: head.getBigUint64(large ? 16 : 8, true),
        length: Number(head.getBigUint64(0, true) >> 2n),
      };
    }
  }
};

/**
 * Copies the elements of a string tensor.
 *
 * @param address of the first `TF_TString`
 * @param count how many there are
 */
export const readStrings = (address: Pointer, count: number): Uint8Array[] => {
  const heads = new Uint8Array(count * stringSize);
  memory().copy(heads, address, heads.length);
  return Array.from({ length: count }, (_, index) => {
    const head = new DataView(heads.buffer, index * stringSize, stringSize);
    const { start, length } = at(head, address + BigInt(index * stringSize));
    const bytes = new Uint8Array(length);
    if (length > 0) memory().copy(bytes, start, length);
    return bytes;
  });
};

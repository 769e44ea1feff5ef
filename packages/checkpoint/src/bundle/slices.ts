import { ByteWriter, Malformed } from '../bytes';
import { elementCount } from '../tensor';

/** A box within a tensor: its start and length in each dimension. */
export interface Box {
  readonly starts: readonly number[];
  readonly shape: readonly number[];
}

/** Slices are compared pairwise, which takes quadratic time. Real variables have far fewer. */
const MOST_SLICES = 4096;

/**
 * The box that a slice occupies in its tensor.
 *
 * @throws Malformed if it exceeds the tensor
 */
export const boxOf = (shape: readonly number[], extents: readonly SliceExtent[]): Box => {
  if (extents.length !== shape.length) {
    throw new Malformed(`slices of ${shape.length} dimensions`, `${extents.length}`);
  }
  const starts = extents.map(({ start, length }) => (length === undefined ? 0 : start));
  const sizes = extents.map(({ length }, axis) => length ?? shape[axis] ?? 0);
  for (const [axis, size] of shape.entries()) {
    const start = starts[axis] ?? 0;
    const length = sizes[axis] ?? 0;
    if (start < 0 || length < 0 || start + length > size) {
      throw new Malformed(`a slice within 0 to ${size}`, `${start} to ${start + length}`);
    }
  }
  return { starts, shape: sizes };
};

const overlap = (left: Box, right: Box): boolean =>
  left.starts.every((start, axis) => {
    const other = right.starts[axis] ?? 0;
    return start < other + (right.shape[axis] ?? 0) && other < start + (left.shape[axis] ?? 0);
  });

/**
 * Asserts that the boxes cover each element of a tensor exactly once: their sizes add up and no two overlap.
 *
 * @throws Malformed
 */
export const assertCover = (shape: readonly number[], boxes: readonly Box[]): void => {
  if (boxes.length > MOST_SLICES) {
    throw new Malformed(`at most ${MOST_SLICES} slices`, `${boxes.length}`);
  }
  const nonEmpty = boxes.filter((box) => elementCount(box.shape) !== 0);
  const covered = nonEmpty.reduce((sum, box) => sum + (elementCount(box.shape) ?? 0), 0);
  const overlapping = nonEmpty.some((left, index) =>
    nonEmpty.slice(index + 1).some((right) => overlap(left, right)),
  );
  if (overlapping || covered !== elementCount(shape)) {
    throw new Malformed('slices that cover the tensor once', 'slices that overlap or leave gaps');
  }
};

/**
 * Visits the contiguous runs of elements that a box occupies in its row-major tensor.
 *
 * @param visit called with the first element's index in the tensor and in the box, and the number of elements
 */
export const eachRun = (
  shape: readonly number[],
  box: Box,
  visit: (inTensor: number, inBox: number, length: number) => void,
): void => {
  const total = elementCount(box.shape) ?? 0;
  if (total === 0) return;
  // Trailing dimensions that the box spans completely form one run with the dimension before them.
  let axis = shape.length - 1;
  let length = 1;
  while (axis >= 0 && box.shape[axis] === shape[axis]) length *= shape[axis--] ?? 1;
  if (axis >= 0) length *= box.shape[axis] ?? 1;
  for (let inBox = 0; inBox < total; inBox += length) {
    let rest = inBox;
    let inTensor = 0;
    let stride = 1;
    for (let dimension = shape.length - 1; dimension >= 0; dimension--) {
      const size = box.shape[dimension] ?? 1;
      inTensor += ((rest % size) + (box.starts[dimension] ?? 0)) * stride;
      rest = Math.floor(rest / size);
      stride *= shape[dimension] ?? 1;
    }
    visit(inTensor, inBox, length);
  }
};

/** Part of one dimension of a partitioned variable; the complete dimension if `length` is undefined. */
export interface SliceExtent {
  readonly start: number;
  readonly length: number | undefined;
}

const bigEndian = (value: bigint, length: number): number[] =>
  Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn));

/** Encodes an integer so that bytes sort like numbers: as many leading one bits as there are bytes, then the value. */
const signedOrdered = (value: number): number[] => {
  if (value < 0) return signedOrdered(-value - 1).map((byte) => byte ^ 0xff);
  let length = 1;
  while (value >= 2 ** (7 * length - 1)) length++;
  const ones = ((1n << BigInt(length)) - 1n) << BigInt(7 * length);
  return bigEndian(ones | BigInt(value), length);
};

/** Encodes a non-negative integer so that bytes sort like numbers: the number of bytes, then the value. */
const unsignedOrdered = (value: number): number[] => {
  let length = 0;
  while (value >= 2 ** (8 * length)) length++;
  return [length, ...bigEndian(BigInt(value), length)];
};

/** Encodes a string so that bytes sort like strings, with a terminator. */
const stringOrdered = (text: string): number[] => {
  const escaped = [...Buffer.from(text)].flatMap((byte) => {
    if (byte === 0x00) return [0x00, 0xff];
    return byte === 0xff ? [0xff, 0x00] : [byte];
  });
  return [...escaped, 0x00, 0x01];
};

/**
 * The index key of one slice of a partitioned variable. Sources: `EncodeTensorNameSlice` in TensorFlow's `saved_tensor_slice_util.cc`, `ordered_code.cc`.
 *
 * @param extents one per dimension
 */
export const sliceKey = (name: string, extents: readonly SliceExtent[]): Uint8Array => {
  const key = new ByteWriter();
  key.push(unsignedOrdered(0)).push(stringOrdered(name)).push(unsignedOrdered(extents.length));
  for (const { start, length } of extents) {
    const isComplete = length === undefined;
    key.push(signedOrdered(isComplete ? 0 : start)).push(signedOrdered(isComplete ? -1 : length));
  }
  return key.bytes();
};

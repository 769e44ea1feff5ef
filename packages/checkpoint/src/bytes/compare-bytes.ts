/**
 * Orders byte strings as TensorFlow's tables do: bytewise, a prefix before what it begins.
 *
 * @returns a negative number, zero or a positive number, as `Array.prototype.sort` wants it
 */
export const compareBytes = (left: Uint8Array, right: Uint8Array): number => {
  const common = Math.min(left.length, right.length);
  for (let at = 0; at < common; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
};

/** Sorts strings by their UTF-8 bytes, in place; UTF-16 order differs for characters beyond U+FFFF. */
export const sortByUtf8 = (names: string[]): string[] =>
  names.some((name) => /[\ud800-\udfff]/.test(name))
    ? names.sort((left, right) => compareBytes(Buffer.from(left), Buffer.from(right)))
    : names.sort();

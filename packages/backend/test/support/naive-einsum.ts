/** Row-major offset of an element, given the index of each letter. */
const offsetOf = (
  letters: readonly string[],
  sizes: Readonly<Record<string, number>>,
  indices: Readonly<Record<string, number>>,
): number =>
  letters.reduce((offset, letter) => offset * (sizes[letter] ?? 1) + (indices[letter] ?? 0), 0);

/** Yields every combination of indices of the letters. */
function* combinations(
  letters: readonly string[],
  sizes: Readonly<Record<string, number>>,
): Generator<Record<string, number>> {
  const [first, ...rest] = letters;
  if (first === undefined) {
    yield {};
    return;
  }
  for (let index = 0; index < (sizes[first] ?? 1); index++) {
    for (const others of combinations(rest, sizes)) yield { [first]: index, ...others };
  }
}

/** Computes an einsum by its definition, and the gradients of the sum of its squares. */
export const naiveEinsum = (
  equation: string,
  sizes: Readonly<Record<string, number>>,
  valuesOf: (operand: number) => readonly number[],
): { readonly y: readonly number[]; readonly gradients: readonly (readonly number[])[] } => {
  const [left = '', right = ''] = equation.split('->');
  const words = left.split(',').map((word) => [...word]);
  const output = [...right];
  const all = [...new Set(words.flat())];
  const count = (letters: readonly string[]) =>
    letters.reduce((product, letter) => product * (sizes[letter] ?? 1), 1);
  const operands = words.map((_, index) => valuesOf(index));
  const y: number[] = Array(count(output)).fill(0);
  const gradients: number[][] = words.map((word) => Array(count(word)).fill(0));
  const factors = (indices: Record<string, number>) =>
    words.map((word, index) => operands[index]?.[offsetOf(word, sizes, indices)] ?? Number.NaN);
  for (const indices of combinations(all, sizes)) {
    const offset = offsetOf(output, sizes, indices);
    y[offset] =
      (y[offset] ?? 0) + factors(indices).reduce((product, factor) => product * factor, 1);
  }
  for (const indices of combinations(all, sizes)) {
    const outer = 2 * (y[offsetOf(output, sizes, indices)] ?? Number.NaN);
    gradients.forEach((gradient, index) => {
      const others = factors(indices).filter((_, other) => other !== index);
      const offset = offsetOf(words[index] ?? [], sizes, indices);
      gradient[offset] = (gradient[offset] ?? 0) + others.reduce((a, b) => a * b, outer);
    });
  }
  return { y, gradients };
};

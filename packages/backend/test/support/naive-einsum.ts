/** Row-major index of an element, given the index of each letter. */
const placeOf = (
  letters: readonly string[],
  sizes: Readonly<Record<string, number>>,
  at: Readonly<Record<string, number>>,
): number => letters.reduce((place, letter) => place * (sizes[letter] ?? 1) + (at[letter] ?? 0), 0);

/** Every combination of indices of some letters. */
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

/** An einsum by its definition, and the gradients of the sum of its squares. */
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
  const factors = (at: Record<string, number>) =>
    words.map((word, index) => operands[index]?.[placeOf(word, sizes, at)] ?? Number.NaN);
  for (const at of combinations(all, sizes)) {
    const place = placeOf(output, sizes, at);
    y[place] = (y[place] ?? 0) + factors(at).reduce((product, factor) => product * factor, 1);
  }
  for (const at of combinations(all, sizes)) {
    const outer = 2 * (y[placeOf(output, sizes, at)] ?? Number.NaN);
    gradients.forEach((gradient, index) => {
      const others = factors(at).filter((_, other) => other !== index);
      const place = placeOf(words[index] ?? [], sizes, at);
      gradient[place] = (gradient[place] ?? 0) + others.reduce((a, b) => a * b, outer);
    });
  }
  return { y, gradients };
};

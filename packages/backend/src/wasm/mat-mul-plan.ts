/** The size of one matrix product. */
export interface Product {
  readonly rows: number;
  /** The dimension that is summed over. */
  readonly inner: number;
  readonly columns: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/**
 * How to multiply:
 * - `loop`: wasm's plain loop, which reads transposed operands as they are.
 * - `direct`: by XNNPACK, transposed operands made explicit.
 * - `swapped`: (bᵀaᵀ)ᵀ by XNNPACK.
 */
export type MatMulPlan = 'loop' | 'direct' | 'swapped';

/** Multiplications up to which the plain loop is no slower than a transpose and XNNPACK. */
const fewMultiplications = 16_000;

/** Relative times, in nanoseconds an element: XNNPACK first repacks its right operand. */
const transposing = 2.5;
const packing = 8;
/** Of the kernels that `swapped` runs more. */
const swapOverhead = 40_000;

/**
 * Chooses the fastest way known for a product of two matrices. XNNPACK repacks its right operand,
 * which takes longer than the multiplication when that operand is large and the left one small, as
 * with a batch times the weights of a dense layer; swapping makes the small one be repacked.
 *
 * @param packed whether b was multiplied in this shape before, so that XNNPACK has it repacked, or had better
 */
export const planMatMul = (product: Product, packed: boolean): MatMulPlan => {
  const { rows, inner, columns, transposeA, transposeB } = product;
  const transposed = transposeA || transposeB;
  if (transposed && rows * inner * columns <= fewMultiplications) return 'loop';
  if (packed && !transposed) return 'direct';
  const [sizeA, sizeB] = [rows * inner, inner * columns];
  const direct =
    (transposeA ? sizeA * transposing : 0) +
    (transposeB ? sizeB * transposing : 0) +
    sizeB * packing;
  const swapped =
    (transposeA ? 0 : sizeA * transposing) +
    (transposeB ? 0 : sizeB * transposing) +
    sizeA * packing +
    rows * columns * transposing +
    swapOverhead;
  return swapped < direct ? 'swapped' : 'direct';
};

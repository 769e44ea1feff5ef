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
 * - `stock`: as wasm does it. Without transposes that is XNNPACK, with them a plain loop.
 * - `direct`: transposed operands made explicit, then XNNPACK.
 * - `swapped`: (bᵀaᵀ)ᵀ by XNNPACK.
 */
export type MatMulPlan = 'stock' | 'direct' | 'swapped';

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
 * @param packed whether XNNPACK has repacked b before and kept it
 */
export const planMatMul = (product: Product, packed: boolean): MatMulPlan => {
  const { rows, inner, columns, transposeA, transposeB } = product;
  const transposed = transposeA || transposeB;
  if (transposed && rows * inner * columns <= fewMultiplications) return 'stock';
  if (packed && !transposed) return 'stock';
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
  if (swapped < direct) return 'swapped';
  return transposed ? 'direct' : 'stock';
};

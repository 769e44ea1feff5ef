import type * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { elements, uninitialized } from '../../tfjs-internals';

export interface ProductSize {
  readonly rows: number;
  /** The dimension that is summed over. */
  readonly inner: number;
  readonly columns: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/**
 * How to multiply:
 * - `loop`: wasm's plain loop, which needs no explicit transposes.
 * - `direct`: XNNPACK, after explicit transposes.
 * - `swapped`: (bᵀaᵀ)ᵀ by XNNPACK.
 */
export type MatMulPlan = 'loop' | 'direct' | 'swapped';

/** Up to this many multiplications the plain loop is as fast as a transpose and XNNPACK. */
const MAX_LOOP_MULTIPLICATIONS = 16_000;

// Measured costs, in nanoseconds per element.
const TRANSPOSE_COST = 2.5;
const PACK_COST = 8;
/** Cost of the additional kernels of `swapped`, in nanoseconds. */
const SWAP_OVERHEAD = 40_000;

/**
 * Chooses the fastest plan for a product of two matrices. XNNPACK repacks its right operand, which
 * takes longer than the multiplication if that operand is large and the left one small, such as a
 * batch times the weights of a dense layer. Swapping the operands makes XNNPACK repack the small
 * one.
 *
 * @param packed true if XNNPACK already has b packed, or should pack it because it will be used
 *   again
 */
export const planMatMul = (product: ProductSize, packed: boolean): MatMulPlan => {
  const { rows, inner, columns, transposeA, transposeB } = product;
  const transposed = transposeA || transposeB;
  if (transposed && rows * inner * columns <= MAX_LOOP_MULTIPLICATIONS) return 'loop';
  if (packed && !transposed) return 'direct';
  const [sizeA, sizeB] = [rows * inner, inner * columns];
  const direct =
    (transposeA ? sizeA * TRANSPOSE_COST : 0) +
    (transposeB ? sizeB * TRANSPOSE_COST : 0) +
    sizeB * PACK_COST;
  const swapped =
    (transposeA ? 0 : sizeA * TRANSPOSE_COST) +
    (transposeB ? 0 : sizeB * TRANSPOSE_COST) +
    sizeA * PACK_COST +
    rows * columns * TRANSPOSE_COST +
    SWAP_OVERHEAD;
  return swapped < direct ? 'swapped' : 'direct';
};

/**
 * The shape in which each right operand was first multiplied. The wasm backend caches the packed
 * operand by its data id alone, regardless of shape, until the data is disposed.
 */
const packedShapes = new WeakMap<object, string>();

const matrixShape = (b: tf.TensorInfo): string => b.shape.slice(-2).join();

/** True if this operand was multiplied before, in this shape. */
export const isPacked = (b: tf.TensorInfo): boolean =>
  packedShapes.get(b.dataId) === matrixShape(b);

/** Records that XNNPACK packs this operand, so that later products reuse it. */
export const markPacked = (b: tf.TensorInfo): void => {
  if (!packedShapes.has(b.dataId)) packedShapes.set(b.dataId, matrixShape(b));
};

/**
 * Returns a right operand that is safe to pass to XNNPACK: a copy, if the same data was multiplied
 * in another shape. Stock would use the earlier packed matrix, and return wrong numbers or read out
 * of bounds.
 */
export const safeRightOperand = <T extends tf.Tensor>(backend: BackendWasm, b: T): T => {
  const packedShape = packedShapes.get(b.dataId);
  if (packedShape === undefined || packedShape === matrixShape(b)) return b;
  const copy = uninitialized(backend, b.shape);
  elements(backend, copy).set(elements(backend, b));
  return copy as T;
};

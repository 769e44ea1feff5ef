import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { asTensor, elements, runKernel, uninitialized, withView } from '../../tfjs-internals';
import { improvedKernel, type KernelCall } from '../define-kernel';
import { applyActivation } from './activation';
import {
  isPacked,
  markPacked,
  type ProductSize,
  planMatMul,
  safeRightOperand,
} from './mat-mul-plan';
import { isPerChannel } from './prelu';

interface Operands<Operand = tf.TensorInfo> {
  readonly a: Operand;
  readonly b: Operand;
}
type Call = KernelCall<Operands<tf.Tensor>, tf.BatchMatMulAttrs>;
type MatMul = (call: KernelCall<Operands, tf.BatchMatMulAttrs>) => tf.TensorInfo;

const noTransposes = { transposeA: false, transposeB: false };

/**
 * From this many multiplications per matrix, XNNPACK on each matrix beats the stock loop over the
 * batch.
 */
const MIN_XNNPACK_MULTIPLICATIONS = 60_000;

const productSize = (
  { a, b }: Operands,
  { transposeA, transposeB }: tf.BatchMatMulAttrs,
): ProductSize => {
  const [rows = 1, inner = 1] = transposeA ? a.shape.slice(-2).reverse() : a.shape.slice(-2);
  const columns = b.shape.at(transposeB ? -2 : -1) ?? 1;
  return { rows, inner, columns, transposeA, transposeB };
};

const asMatrix = (x: tf.Tensor): tf.Tensor2D =>
  tf.reshape(x, x.shape.slice(-2) as [number, number]);

const transposeIf = (transpose: boolean, x: tf.Tensor): tf.Tensor => {
  if (!transpose) return x;
  const last = x.rank - 1;
  return tf.transpose(x, [...Array(last - 1).keys(), last, last - 1]);
};

/** Multiplies two matrices. Their leading dimensions are all 1. */
const multiplyMatrices = (stock: MatMul, call: Call, a: tf.Tensor, b: tf.Tensor): tf.Tensor => {
  const { attrs, backend } = call;
  const { transposeA, transposeB } = attrs;
  const run = (left: tf.Tensor, right: tf.Tensor): tf.Tensor => {
    const safe = safeRightOperand(backend, right);
    markPacked(safe);
    return asTensor(stock({ inputs: { a: left, b: safe }, attrs: noTransposes, backend }));
  };
  const [left, right] = [asMatrix(a), asMatrix(b)];
  const plan = planMatMul(productSize({ a, b }, attrs), isPacked(right));
  if (plan === 'loop') return asTensor(stock({ inputs: { a: left, b: right }, attrs, backend }));
  if (plan === 'direct') return run(transposeIf(transposeA, left), transposeIf(transposeB, right));
  // If b is multiplied again, it is worth packing. A weight that each step replaces is used only
  // once.
  if (!transposeB) markPacked(right);
  return transposeIf(true, run(transposeIf(!transposeB, right), transposeIf(!transposeA, left)));
};

/** Multiplies matrix by matrix. An operand with a single matrix is broadcast. */
const multiplyEach = (
  stock: MatMul,
  backend: BackendWasm,
  a: tf.Tensor,
  b: tf.Tensor,
  count: number,
): tf.Tensor => {
  const { rows, inner, columns } = productSize({ a, b }, noTransposes);
  const stepA = a.size === rows * inner ? 0 : rows * inner;
  const stepB = b.size === inner * columns ? 0 : inner * columns;
  const output = uninitialized(backend, [count, rows, columns]);
  for (let index = 0; index < count; index++) {
    withView(backend, a, index * stepA, [rows, inner], (viewA) =>
      withView(backend, b, index * stepB, [inner, columns], (viewB) => {
        const product = stock({ inputs: { a: viewA, b: viewB }, attrs: noTransposes, backend });
        elements(backend, output).set(elements(backend, product), index * rows * columns);
        backend.disposeData(product.dataId);
      }),
    );
  }
  return output;
};

const batchOf = (x: tf.Tensor): number[] => x.shape.slice(0, -2);

const matricesIn = (x: tf.Tensor): number => tf.util.sizeFromShape(batchOf(x));

const multiplyBatch = (stock: MatMul, call: Call, a: tf.Tensor, b: tf.Tensor): tf.Tensor => {
  const { attrs, backend } = call;
  const { rows, inner, columns } = productSize({ a, b }, attrs);
  const batch = tf.backend_util.assertAndGetBroadcastShape(batchOf(a), batchOf(b));
  const count = tf.util.sizeFromShape(batch);
  // Stock supports operands with one matrix or with `count` matrices, but no other broadcasting.
  const toRank3 = (x: tf.Tensor) =>
    matricesIn(x) === 1 || matricesIn(x) === count
      ? tf.reshape(x, [-1, ...x.shape.slice(-2)])
      : tf.reshape(tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]), [-1, ...x.shape.slice(-2)]);
  const [left, right] = [toRank3(a), toRank3(b)];
  if (rows * inner * columns < MIN_XNNPACK_MULTIPLICATIONS) {
    return asTensor(stock({ inputs: { a: left, b: right }, attrs, backend }));
  }
  const [explicitA, explicitB] = [
    transposeIf(attrs.transposeA, left),
    transposeIf(attrs.transposeB, right),
  ];
  return multiplyEach(stock, backend, explicitA, explicitB, count);
};

const multiply = (stock: MatMul, call: Call, a: tf.Tensor, b: tf.Tensor): tf.Tensor => {
  const { transposeA } = call.attrs;
  if (matricesIn(a) === 1 && matricesIn(b) === 1) return multiplyMatrices(stock, call, a, b);
  if (matricesIn(b) === 1 && !transposeA) {
    // A single product: the rows of all left matrices times the only right one.
    return multiplyMatrices(stock, call, tf.reshape(a, [-1, a.shape.at(-1) ?? 1]), b);
  }
  return multiplyBatch(stock, call, a, b);
};

/**
 * BatchMatMul. Stock uses XNNPACK only without transposes and with one matrix on each side, and
 * otherwise a plain loop that is up to ten times slower. A training step needs a transposed operand
 * in two of three products per layer. This kernel makes transposes explicit where that is faster.
 * It also supports int32, which stock rejects; exact up to 2²⁴.
 *
 * Inputs: a [..., m, k] or transposed, b [..., k, n] or transposed; float32 or int32.
 */
export const batchMatMul = improvedKernel<Operands<tf.Tensor>, tf.BatchMatMulAttrs, Operands>(
  tf.BatchMatMul,
  (stock) => (call) =>
    tf.tidy(() => {
      const { a, b } = call.inputs;
      const { rows, columns } = productSize(call.inputs, call.attrs);
      const shape = [
        ...tf.backend_util.assertAndGetBroadcastShape(batchOf(a), batchOf(b)),
        rows,
        columns,
      ];
      if (a.size === 0 || b.size === 0) return tf.zeros(shape, tf.upcastType(a.dtype, b.dtype));
      if (a.dtype === 'float32' && b.dtype === 'float32') {
        return tf.reshape(multiply(stock, call, a, b), shape);
      }
      const product = multiply(stock, call, tf.cast(a, 'float32'), tf.cast(b, 'float32'));
      return tf.reshape(tf.cast(product, tf.upcastType(a.dtype, b.dtype)), shape);
    }),
);

interface FusedInputs {
  readonly a: tf.Tensor3D;
  readonly b: tf.Tensor3D;
  readonly bias?: tf.Tensor;
  readonly preluActivationWeights?: tf.Tensor;
}

/**
 * _FusedMatMul. Stock returns wrong numbers for transposed operands and for several matrices: its
 * plain loop adds the bias and clamps once for every 48 elements of the inner dimension. Those
 * cases, and weights of a PReLU that are not one per column, run as separate ops. So do activations whose
 * clamp would turn NaN into a number.
 *
 * Inputs: a [batch, m, k] or transposed, b [batch, k, n] or transposed, bias [n]; float32.
 */
export const fusedMatMul = improvedKernel<FusedInputs, tf._FusedMatMulAttrs>(
  tf._FusedMatMul,
  (stock) =>
    ({ inputs, attrs, backend }) =>
      tf.tidy(() => {
        const { a, b, bias, preluActivationWeights } = inputs;
        const { transposeA, transposeB, activation, leakyreluAlpha } = attrs;
        const isSingle = a.shape[0] === 1 && b.shape[0] === 1 && a.size > 0 && b.size > 0;
        if (
          !transposeA &&
          !transposeB &&
          isSingle &&
          isPerChannel(preluActivationWeights, b.shape[2])
        ) {
          const safe = safeRightOperand(backend, b);
          markPacked(safe);
          const isClamp = activation === 'relu' || activation === 'relu6';
          const plain = isClamp ? { ...attrs, activation: 'linear' as const } : attrs;
          const output = asTensor(stock({ inputs: { ...inputs, b: safe }, attrs: plain, backend }));
          return isClamp ? applyActivation(output, activation) : output;
        }
        const product = runKernel(tf.BatchMatMul, { a, b }, { transposeA, transposeB });
        const sum = bias === undefined ? product : tf.add(product, bias);
        return applyActivation(sum, activation, preluActivationWeights, leakyreluAlpha);
      }),
);

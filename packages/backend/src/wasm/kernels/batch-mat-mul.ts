import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { planMatMul } from '../mat-mul-plan';
import { noteMultiplied, rightOperand, wasMultiplied } from '../right-operand';
import { asTensor, elements, uninitialized, withView } from '../tensors';
import { improvedKernel, type KernelCall } from '../training-kernel';

interface Operands<Operand = tf.TensorInfo> {
  readonly a: Operand;
  readonly b: Operand;
}
type Call = KernelCall<Operands<tf.Tensor>, tf.BatchMatMulAttrs>;
type MatMul = (call: KernelCall<Operands, tf.BatchMatMulAttrs>) => tf.TensorInfo;

const noTransposes = { transposeA: false, transposeB: false };

/** Multiplications a matrix from which XNNPACK, matrix by matrix, beats the stock loop over a batch. */
const manyMultiplications = 60_000;

const product = ({ a, b }: Operands, { transposeA, transposeB }: tf.BatchMatMulAttrs) => {
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

/** One product of two matrices, whose leading dimensions are all 1. */
const multiplyPair = (stock: MatMul, call: Call, a: tf.Tensor, b: tf.Tensor): tf.Tensor => {
  const { attrs, backend } = call;
  const { transposeA, transposeB } = attrs;
  const run = (left: tf.Tensor, right: tf.Tensor): tf.Tensor => {
    const safe = rightOperand(backend, right);
    noteMultiplied(safe);
    return asTensor(stock({ inputs: { a: left, b: safe }, attrs: noTransposes, backend }));
  };
  const [left, right] = [asMatrix(a), asMatrix(b)];
  const plan = planMatMul(product({ a, b }, attrs), wasMultiplied(right));
  if (plan === 'loop') return asTensor(stock({ inputs: { a: left, b: right }, attrs, backend }));
  if (plan === 'direct') return run(transposeIf(transposeA, left), transposeIf(transposeB, right));
  // A weight that each step replaces comes only once; one that comes again is worth repacking.
  if (!transposeB) noteMultiplied(right);
  return transposeIf(true, run(transposeIf(!transposeB, right), transposeIf(!transposeA, left)));
};

/** As many products as there are matrices; an operand with one matrix serves them all. */
const multiplyEach = (
  stock: MatMul,
  backend: BackendWasm,
  a: tf.Tensor,
  b: tf.Tensor,
  count: number,
): tf.Tensor => {
  const { rows, inner, columns } = product({ a, b }, noTransposes);
  const stepA = a.size === rows * inner ? 0 : rows * inner;
  const stepB = b.size === inner * columns ? 0 : inner * columns;
  const output = uninitialized(backend, [count, rows, columns]);
  for (let index = 0; index < count; index++) {
    withView(backend, a, index * stepA, [rows, inner], (viewA) =>
      withView(backend, b, index * stepB, [inner, columns], (viewB) => {
        const one = stock({ inputs: { a: viewA, b: viewB }, attrs: noTransposes, backend });
        elements(backend, output).set(elements(backend, one), index * rows * columns);
        backend.disposeData(one.dataId);
      }),
    );
  }
  return output;
};

const batchOf = (x: tf.Tensor): number[] => x.shape.slice(0, -2);

const matricesIn = (x: tf.Tensor): number => tf.util.sizeFromShape(batchOf(x));

const multiplyBatch = (stock: MatMul, call: Call, a: tf.Tensor, b: tf.Tensor): tf.Tensor => {
  const { attrs, backend } = call;
  const { rows, inner, columns } = product({ a, b }, attrs);
  const batch = tf.backend_util.assertAndGetBroadcastShape(batchOf(a), batchOf(b));
  const count = tf.util.sizeFromShape(batch);
  // Stock knows an operand with one matrix, and operands with equally many: no other broadcasting.
  const spread = (x: tf.Tensor) =>
    matricesIn(x) === 1 || matricesIn(x) === count
      ? tf.reshape(x, [-1, ...x.shape.slice(-2)])
      : tf.reshape(tf.broadcastTo(x, [...batch, ...x.shape.slice(-2)]), [-1, ...x.shape.slice(-2)]);
  const [left, right] = [spread(a), spread(b)];
  if (rows * inner * columns < manyMultiplications) {
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
  if (matricesIn(a) === 1 && matricesIn(b) === 1) return multiplyPair(stock, call, a, b);
  if (matricesIn(b) === 1 && !transposeA) {
    // All rows of all matrices against the one matrix: a single product.
    return multiplyPair(stock, call, tf.reshape(a, [-1, a.shape.at(-1) ?? 1]), b);
  }
  return multiplyBatch(stock, call, a, b);
};

/**
 * BatchMatMul. Stock multiplies by XNNPACK only when nothing is transposed and there is one matrix
 * on each side, and by a plain loop, up to ten times slower, otherwise; a training step needs a
 * transposed operand in each of its two products per layer. Here transposes are made explicit
 * where that is faster. An int32 product, which stock refuses, is exact up to 2²⁴.
 *
 * Inputs: a [..., m, k] or transposed, b [..., k, n] or transposed, float32 or int32.
 */
export const batchMatMul = improvedKernel<Operands<tf.Tensor>, tf.BatchMatMulAttrs, Operands>(
  tf.BatchMatMul,
  (stock) => (call) =>
    tf.tidy(() => {
      const { a, b } = call.inputs;
      const { rows, columns } = product(call.inputs, call.attrs);
      const shape = [
        ...tf.backend_util.assertAndGetBroadcastShape(batchOf(a), batchOf(b)),
        rows,
        columns,
      ];
      if (a.dtype === 'float32' && b.dtype === 'float32') {
        return tf.reshape(multiply(stock, call, a, b), shape);
      }
      const float = multiply(stock, call, tf.cast(a, 'float32'), tf.cast(b, 'float32'));
      return tf.reshape(tf.cast(float, tf.upcastType(a.dtype, b.dtype)), shape);
    }),
);

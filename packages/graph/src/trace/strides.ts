import type { AttributeValue } from '../ir/types';
import type { Recording } from './recording';

/** Kernels whose output has the size of the input, divided by a stride. */
const STRIDED =
  /^(Fused)?(Depthwise)?(Conv\dD|DepthwiseConv2dNative)$|^(Max|Avg)Pool(3D|WithArgmax)?$|^Dilation2D$|^StridedSlice$/;

/** Larger strides would take too many calls to tell apart. */
const MAX_STRIDE = 16;

const largest = (value: AttributeValue): number => {
  if (typeof value === 'number') return Math.abs(value);
  return Array.isArray(value) ? Math.max(1, ...value.map(largest)) : 1;
};

/** By which the size of an open dimension may be divided: the products of a function's strides. */
export const stridesOf = ({ nodes }: Recording): readonly number[] => {
  const products = new Set([1]);
  for (const node of nodes) {
    if (node.kind !== 'kernel' || !STRIDED.test(node.kernel)) continue;
    const stride = largest(node.attributes.strides);
    if (!Number.isInteger(stride) || stride < 2) continue;
    for (const product of [...products]) {
      if (product * stride <= MAX_STRIDE) products.add(product * stride);
    }
  }
  products.delete(1);
  return [...products].sort((left, right) => left - right);
};

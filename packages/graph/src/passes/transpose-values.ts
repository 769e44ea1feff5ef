import { type Elements, isNumeric } from '../graph/constant-values';

const stridesOf = (shape: readonly number[]): number[] => {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  }
  return strides;
};

/**
 * Row-major values with their axes in another order.
 *
 * @param perm output axis i is input axis perm[i]
 * @returns undefined when `perm` is not a permutation of the axes
 */
export const transposeValues = (
  values: Elements,
  shape: readonly number[],
  perm: readonly number[],
): Elements | undefined => {
  const axes = new Set(
    perm.filter((axis) => Number.isInteger(axis) && axis >= 0 && axis < shape.length),
  );
  if (perm.length !== shape.length || axes.size !== shape.length) return undefined;
  const strides = stridesOf(shape);
  const outputShape = perm.map((axis) => shape[axis] ?? 1);
  const outputStrides = stridesOf(outputShape);
  const source = (index: number): number =>
    outputStrides.reduce((from, stride, axis) => {
      const position = Math.floor(index / stride) % (outputShape[axis] ?? 1);
      return from + position * (strides[perm[axis] ?? 0] ?? 0);
    }, 0);
  if (!isNumeric(values)) return values.map((_, index) => values[source(index)] ?? '');
  const moved = values.slice();
  for (let index = 0; index < moved.length; index++) moved[index] = values[source(index)] ?? 0;
  return moved;
};

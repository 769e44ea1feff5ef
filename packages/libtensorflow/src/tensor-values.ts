import { dtypes, type FixedData, type FixedDType, fixedLayouts, type TensorData } from './dtypes';
import { TensorArgumentError } from './errors';

/** What a tensor of some dtype is made from: the dtype's own array, or plain values. */
export type TensorValues<D extends keyof TensorData> = D extends 'string'
  ? readonly (string | Uint8Array)[]
  : TensorData[D] | readonly (D extends 'int64' | 'uint64' ? bigint : number)[];

export const elementCount = (shape: readonly number[]): number =>
  shape.reduce((product, length) => product * length, 1);

/** `TensorShape::MaxDimensions()`. The C API stops the process at a shape with more axes. */
const mostAxes = 254;

const isShape = (shape: unknown): boolean =>
  Array.isArray(shape) &&
  shape.length <= mostAxes &&
  shape.every((length) => Number.isInteger(length) && length >= 0) &&
  // TensorFlow multiplies up to the first zero, and stops the process when that goes beyond 64 bits.
  Number.isSafeInteger(elementCount(shape.filter((length) => length > 0)) * 16);

/** @throws TensorArgumentError unless it is a list of lengths that TensorFlow can take. */
export const checkShape = (shape: readonly number[]): void => {
  if (isShape(shape)) return;
  throw new TensorArgumentError({
    subject: 'Tensor shape',
    expected: `a list of at most ${mostAxes} integers from 0, whose product is a safe integer`,
    actual: Array.isArray(shape) ? `[${shape.join(', ')}]` : String(shape),
    fix: 'Give the length along each axis, [] for a scalar.',
  });
};

/** @throws TensorArgumentError for a dtype that does not exist, or that holds no values. */
export const checkDType = (dtype: unknown): void => {
  if ((dtypes as readonly unknown[]).includes(dtype)) return;
  throw new TensorArgumentError({
    subject: 'Tensor dtype',
    expected: `one of ${dtypes.join(', ')}`,
    actual: String(dtype),
    fix: 'Take one of these.',
  });
};

const checkCount = (dtype: string, shape: readonly number[], wanted: number, actual: number) => {
  if (wanted === actual) return;
  throw new TensorArgumentError({
    subject: `Tensor of dtype ${dtype} and shape [${shape.join(', ')}]`,
    expected: `${wanted} values`,
    actual: String(actual),
    fix: 'Give as many values as the shape has elements (two for each complex number).',
  });
};

/** @throws TensorArgumentError when the values are of another dtype or number. */
export const toTypedArray = <D extends FixedDType>(
  dtype: D,
  shape: readonly number[],
  values: TensorValues<FixedDType>,
): FixedData => {
  const { array, lanes } = fixedLayouts[dtype];
  checkCount(dtype, shape, elementCount(shape) * lanes, values.length);
  if (values instanceof array) return values;
  if (Array.isArray(values)) {
    const typed = new array(values.length);
    try {
      // BigInt arrays take no numbers, and the reverse: JavaScript throws, we say which dtype.
      (typed as { set(source: ArrayLike<unknown>): void }).set(values);
      return typed;
    } catch (cause) {
      if (!(cause instanceof TypeError || cause instanceof SyntaxError)) throw cause;
    }
  }
  throw new TensorArgumentError({
    subject: `Tensor of dtype ${dtype}`,
    expected: `a ${array.name}, or a list of its values`,
    actual: Array.isArray(values) ? `a list with ${typeof values[0]}` : values.constructor.name,
    fix: 'Convert the values, or choose another dtype.',
  });
};

/** @throws TensorArgumentError when there are more or fewer strings than elements. */
export const toStrings = (
  shape: readonly number[],
  values: readonly (string | Uint8Array)[] | undefined,
): Uint8Array[] => {
  const count = elementCount(shape);
  if (values === undefined) return Array.from({ length: count }, () => new Uint8Array());
  checkCount('string', shape, count, values.length);
  const encoder = new TextEncoder();
  return values.map((value) => {
    if (typeof value === 'string') return encoder.encode(value);
    if (value instanceof Uint8Array) return value;
    throw new TensorArgumentError({
      subject: 'Tensor of dtype string',
      expected: 'strings or Uint8Arrays',
      actual: typeof value,
      fix: 'Encode each element as bytes.',
    });
  });
};

import { sizeOf } from '@elistimator/internal';
import {
  type FixedData,
  type FixedDType,
  fixedLayouts,
  readableDTypes,
  type TensorData,
} from '@elistimator/protos';
import { TensorArgumentError } from '../errors';

/** The values a tensor can be created from: the dtype's typed array, or a list of plain values. */
export type TensorValues<D extends keyof TensorData> = D extends 'string'
  ? readonly (string | Uint8Array)[]
  : TensorData[D] | readonly (D extends 'int64' | 'uint64' ? bigint : number)[];

/** `TensorShape::MaxDimensions()`. The C API aborts the process for a shape with more axes. */
const maxRank = 254;

const isShape = (shape: unknown): boolean =>
  Array.isArray(shape) &&
  shape.length <= maxRank &&
  shape.every((length) => Number.isInteger(length) && length >= 0) &&
  // TensorFlow multiplies up to the first zero, and aborts the process if the product exceeds 64 bits.
  Number.isSafeInteger(sizeOf(shape.filter((length) => length > 0)) * 16);

/** @throws TensorArgumentError for anything but a shape that TensorFlow supports */
export const assertShape = (shape: readonly number[]): void => {
  if (isShape(shape)) return;
  throw new TensorArgumentError({
    subject: 'Tensor shape',
    expected: `a list of at most ${maxRank} non-negative integers whose product is a safe integer`,
    actual: Array.isArray(shape) ? `[${shape.join(', ')}]` : String(shape),
    fix: 'Pass the length of each axis, or [] for a scalar.',
  });
};

/** @throws TensorArgumentError for a dtype that doesn't exist or that has no readable values */
export const assertDType = (dtype: unknown): void => {
  if ((readableDTypes as readonly unknown[]).includes(dtype)) return;
  throw new TensorArgumentError({
    subject: 'Tensor dtype',
    expected: `one of ${readableDTypes.join(', ')}`,
    actual: String(dtype),
    fix: 'Pass one of these names.',
  });
};

const assertCount = (dtype: string, shape: readonly number[], expected: number, actual: number) => {
  if (expected === actual) return;
  throw new TensorArgumentError({
    subject: `Tensor of dtype ${dtype} and shape [${shape.join(', ')}]`,
    expected: `${expected} values`,
    actual: String(actual),
    fix: 'Pass one value per element (two for each complex number).',
  });
};

/** Typed arrays wrap and truncate silently, so what they store is compared with what was passed. */
const assertStored = (dtype: FixedDType, values: readonly unknown[], typed: FixedData): void => {
  if (typed instanceof Float32Array || typed instanceof Float64Array) return;
  // Booleans are accepted where numbers are.
  const isStored = (value: unknown, index: number): boolean =>
    typed[index] === (typeof value === 'boolean' ? Number(value) : value);
  const index = values.findIndex((value, at) => !isStored(value, at));
  if (index < 0) return;
  const bits = typed.BYTES_PER_ELEMENT * 8;
  const isSigned = /^(Int|BigInt)/.test(typed.constructor.name);
  const highest = 2n ** BigInt(isSigned ? bits - 1 : bits) - 1n;
  const range = `integers from ${isSigned ? -highest - 1n : 0n} to ${highest}`;
  throw new TensorArgumentError({
    subject: `Tensor of dtype ${dtype}`,
    expected: dtype.includes('float') ? `raw bits as ${range}` : range,
    actual: `${String(values[index])} at index ${index}`,
    fix: 'Correct the value, or choose another dtype.',
  });
};

/** @throws TensorArgumentError if the number of values is wrong, or the dtype can't represent one of them */
export const toTypedArray = <D extends FixedDType>(
  dtype: D,
  shape: readonly number[],
  values: TensorValues<FixedDType>,
): FixedData => {
  const { array, lanes } = fixedLayouts[dtype];
  assertCount(dtype, shape, sizeOf(shape) * lanes, values.length);
  if (values instanceof array) return values;
  if (Array.isArray(values)) {
    const typed = new array(values.length);
    try {
      (typed as { set(source: ArrayLike<unknown>): void }).set(values);
    } catch (cause) {
      // Numbers for a BigInt array, or the reverse.
      if (!(cause instanceof TypeError || cause instanceof SyntaxError)) throw cause;
      throw wrongValues(dtype, `a list with ${typeof values[0]}`);
    }
    assertStored(dtype, values, typed);
    return typed;
  }
  throw wrongValues(dtype, values.constructor.name);
};

const wrongValues = (dtype: FixedDType, actual: string): TensorArgumentError =>
  new TensorArgumentError({
    subject: `Tensor of dtype ${dtype}`,
    expected: `a ${fixedLayouts[dtype].array.name} or a list of its values`,
    actual,
    fix: 'Convert the values, or choose another dtype.',
  });

/** @throws TensorArgumentError if the number of strings differs from the number of elements */
export const toByteStrings = (
  shape: readonly number[],
  values: readonly (string | Uint8Array)[] | undefined,
): Uint8Array[] => {
  const count = sizeOf(shape);
  if (values === undefined) return Array.from({ length: count }, () => new Uint8Array());
  assertCount('string', shape, count, values.length);
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

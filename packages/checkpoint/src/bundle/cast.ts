import type { TensorData } from '@elistimator/protos';
import { InvalidCheckpointOptionError, show, UnsupportedCheckpointError } from '../errors';
import type { CheckpointDType, CheckpointTensor } from '../tensor';

/** The dtypes that tensors can be cast to: those of tfjs, and float64. */
export const castDTypes = ['float32', 'float64', 'int32', 'complex64'] as const;

export type CastDType = (typeof castDTypes)[number];

const REAL: readonly CheckpointDType[] = ['float16', 'bfloat16', 'float32', 'float64'];
const INTEGER: readonly CheckpointDType[] = [
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
];

const sources: Readonly<Record<CastDType, readonly CheckpointDType[]>> = {
  float32: REAL,
  float64: REAL,
  int32: INTEGER,
  complex64: ['complex64', 'complex128'],
};

/** The dtype to cast to; undefined if values cannot be cast, which they are only to the same kind of number. */
export const castTarget = (from: string, to: string): CastDType | undefined =>
  castDTypes.find((dtype) => dtype === to && sources[dtype].some((source) => source === from));

/** The value of each 16-bit pattern of IEEE 754 binary16. */
const createHalfTable = (): Float32Array => {
  const table = new Float32Array(1 << 16);
  for (let bits = 0; bits < table.length; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 0x1f) table[bits] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    else if (exponent === 0) table[bits] = sign * fraction * 2 ** -24;
    else table[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return table;
};

let halfTable: Float32Array | undefined;

const fromFloat16 = (data: Uint16Array): Float32Array => {
  halfTable ??= createHalfTable();
  const values = new Float32Array(data.length);
  for (let index = 0; index < data.length; index++)
    values[index] = halfTable[data[index] ?? 0] ?? 0;
  return values;
};

/** A bfloat16 is the upper half of a float32. */
const fromBFloat16 = (data: Uint16Array): Float32Array => {
  const bits = new Uint32Array(data.length);
  for (let index = 0; index < data.length; index++) bits[index] = (data[index] ?? 0) << 16;
  return new Float32Array(bits.buffer);
};

/** The numbers of a tensor in an array that holds each of them exactly, or bigints of 64-bit integers. */
const numbersOf = ({ dtype, data }: CheckpointTensor) => {
  if (dtype === 'float16') return fromFloat16(data);
  if (dtype === 'bfloat16') return fromBFloat16(data);
  return data;
};

type Numbers = Exclude<ReturnType<typeof numbersOf>, readonly unknown[]>;

const isWithinInt32 = (value: number | bigint): boolean =>
  value >= -(2 ** 31) && value <= 2 ** 31 - 1;

const toInt32 = (numbers: Numbers): { data: Int32Array; misfit: unknown } => {
  const data = new Int32Array(numbers.length);
  let misfit: number | bigint | undefined;
  for (let index = 0; index < numbers.length; index++) {
    const value = numbers[index] ?? 0;
    if (!isWithinInt32(value)) misfit ??= value;
    data[index] = Number(value);
  }
  return { data, misfit };
};

/** Rounds to the nearest float32, as TensorFlow does, but does not make infinities of great numbers. */
const toFloat32 = (numbers: Numbers): { data: Float32Array; misfit: unknown } => {
  if (numbers instanceof Float32Array) return { data: numbers, misfit: undefined };
  const data = new Float32Array(numbers.length);
  let misfit: number | undefined;
  for (let index = 0; index < numbers.length; index++) {
    const value = Number(numbers[index]);
    data[index] = value;
    if (Math.abs(data[index] ?? 0) === Number.POSITIVE_INFINITY && Number.isFinite(value))
      misfit ??= value;
  }
  return { data, misfit };
};

const convert = (
  numbers: Numbers,
  to: CastDType,
): { readonly data: TensorData[CastDType]; readonly misfit?: unknown } => {
  if (to === 'int32') return toInt32(numbers);
  if (to === 'float64') return { data: Float64Array.from(numbers, Number) };
  return toFloat32(numbers);
};

/**
 * Casts a tensor to another dtype of the same kind. Real numbers are rounded to the nearest.
 *
 * @param file the checkpoint, for errors
 * @throws UnsupportedCheckpointError if the dtype can't be cast, or a value does not fit into the new one
 */
export const castTensor = (
  file: string,
  tensor: CheckpointTensor,
  to: CastDType,
): CheckpointTensor<CastDType> => {
  const { name, dtype, shape } = tensor;
  const fail = (expected: string, actual: string, fix: string): never => {
    throw new UnsupportedCheckpointError(file, name, expected, actual, fix);
  };
  if (!castDTypes.some((known) => known === to)) {
    throw new InvalidCheckpointOptionError(
      'as',
      `one of ${castDTypes.join(', ')}`,
      show(to),
      'Leave it out to read the tensor as it is stored.',
    );
  }
  if (dtype === to) return tensor;
  if (castTarget(dtype, to) === undefined) {
    const expected = `a dtype that can be cast to ${to}: ${sources[to].join(', ')}`;
    fail(expected, dtype, 'Read it without "as".');
  }
  const numbers = numbersOf(tensor);
  if (!('buffer' in numbers)) return fail('numbers', dtype, 'Read it without "as".');
  const { data, misfit } = convert(numbers, to);
  if (misfit !== undefined)
    fail(`values that fit into ${to}`, String(misfit), 'Read it without "as".');
  // The array type matches the dtype, which TypeScript cannot follow.
  return { name, dtype: to, shape, data } as CheckpointTensor<CastDType>;
};

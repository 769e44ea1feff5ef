import { DataType } from '@elistimator/protos';

/** What holds a dtype's values, row-major. Float16 and bfloat16 are raw bits; bool is 0 or 1. */
export interface TensorData {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly float16: Uint16Array;
  readonly bfloat16: Uint16Array;
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly int16: Int16Array;
  readonly uint16: Uint16Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly int64: BigInt64Array;
  readonly uint64: BigUint64Array;
  readonly bool: Uint8Array;
  /** Pairs of real and imaginary part. */
  readonly complex64: Float32Array;
  readonly complex128: Float64Array;
  /** Byte strings, one for each element. */
  readonly string: readonly Uint8Array[];
}

/** Element types that a checkpoint holds, by their TensorFlow names. */
export type CheckpointDType = keyof TensorData;

/** The dtypes whose elements all take the same number of bytes. */
export type FixedDType = Exclude<CheckpointDType, 'string'>;

/** A typed array that holds some fixed dtype. */
export type FixedData = TensorData[FixedDType];

interface FixedLayout {
  readonly type: DataType;
  /** Bytes of one element. */
  readonly size: number;
  /** Values of the typed array for each element: 2 for complex numbers. */
  readonly lanes: number;
  readonly array: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => FixedData;
}

const layout = (
  type: DataType,
  array: FixedLayout['array'] & { readonly BYTES_PER_ELEMENT: number },
  lanes = 1,
): FixedLayout => ({ type, size: array.BYTES_PER_ELEMENT * lanes, lanes, array });

/** How each fixed dtype lies in memory and on disk (little-endian). */
export const fixedLayouts: Readonly<Record<FixedDType, FixedLayout>> = {
  float32: layout(DataType.DT_FLOAT, Float32Array),
  float64: layout(DataType.DT_DOUBLE, Float64Array),
  float16: layout(DataType.DT_HALF, Uint16Array),
  bfloat16: layout(DataType.DT_BFLOAT16, Uint16Array),
  int8: layout(DataType.DT_INT8, Int8Array),
  uint8: layout(DataType.DT_UINT8, Uint8Array),
  int16: layout(DataType.DT_INT16, Int16Array),
  uint16: layout(DataType.DT_UINT16, Uint16Array),
  int32: layout(DataType.DT_INT32, Int32Array),
  uint32: layout(DataType.DT_UINT32, Uint32Array),
  int64: layout(DataType.DT_INT64, BigInt64Array),
  uint64: layout(DataType.DT_UINT64, BigUint64Array),
  bool: layout(DataType.DT_BOOL, Uint8Array),
  complex64: layout(DataType.DT_COMPLEX64, Float32Array, 2),
  complex128: layout(DataType.DT_COMPLEX128, Float64Array, 2),
};

const fixedNames = Object.keys(fixedLayouts) as FixedDType[];

/** Every dtype that this package reads and writes. */
export const checkpointDTypes: readonly CheckpointDType[] = [...fixedNames, 'string'];

const byType = new Map<DataType, CheckpointDType>([
  ...fixedNames.map((dtype) => [fixedLayouts[dtype].type, dtype] as const),
  [DataType.DT_STRING, 'string'],
]);

/** The number that stands for a dtype in TensorFlow's files. */
export const dataTypeOf = (dtype: CheckpointDType): DataType =>
  dtype === 'string' ? DataType.DT_STRING : fixedLayouts[dtype].type;

/** The dtype that a number in TensorFlow's files stands for; undefined when this package has none. */
export const dtypeOf = (type: DataType): CheckpointDType | undefined => byType.get(type);

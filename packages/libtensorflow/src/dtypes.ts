/** What holds a dtype's values, row-major. 16-bit and 8-bit floats are raw bits; bool is 0 or 1. */
export interface TensorData {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly float16: Uint16Array;
  readonly bfloat16: Uint16Array;
  readonly float8_e5m2: Uint8Array;
  readonly float8_e4m3fn: Uint8Array;
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
  readonly qint8: Int8Array;
  readonly quint8: Uint8Array;
  readonly qint16: Int16Array;
  readonly quint16: Uint16Array;
  readonly qint32: Int32Array;
  /** Byte strings, one for each element. */
  readonly string: readonly Uint8Array[];
}

/** The dtypes whose elements all take the same number of bytes. */
export type FixedDType = Exclude<keyof TensorData, 'string'>;

/** A typed array that holds some fixed dtype. */
export type FixedData = TensorData[FixedDType];

/** Element types by their TensorFlow names; what is in a resource or variant can't be read. */
export type DType = keyof TensorData | 'resource' | 'variant';

/** How a fixed dtype lies in memory. */
export interface FixedLayout<Data extends FixedData = FixedData> {
  /** Bytes of one element. */
  readonly size: number;
  /** Values of the typed array for each element: 2 for complex numbers. */
  readonly lanes: number;
  readonly array: {
    new (length: number): Data;
    new (buffer: ArrayBufferLike, byteOffset: number, length: number): Data;
  };
}

const layout = <Data extends FixedData>(
  array: FixedLayout<Data>['array'] & { readonly BYTES_PER_ELEMENT: number },
  lanes = 1,
): FixedLayout<Data> => ({ size: array.BYTES_PER_ELEMENT * lanes, lanes, array });

export const fixedLayouts: { readonly [D in FixedDType]: FixedLayout<TensorData[D]> } = {
  float32: layout<Float32Array>(Float32Array),
  float64: layout<Float64Array>(Float64Array),
  float16: layout<Uint16Array>(Uint16Array),
  bfloat16: layout<Uint16Array>(Uint16Array),
  float8_e5m2: layout<Uint8Array>(Uint8Array),
  float8_e4m3fn: layout<Uint8Array>(Uint8Array),
  int8: layout<Int8Array>(Int8Array),
  uint8: layout<Uint8Array>(Uint8Array),
  int16: layout<Int16Array>(Int16Array),
  uint16: layout<Uint16Array>(Uint16Array),
  int32: layout<Int32Array>(Int32Array),
  uint32: layout<Uint32Array>(Uint32Array),
  int64: layout<BigInt64Array>(BigInt64Array),
  uint64: layout<BigUint64Array>(BigUint64Array),
  bool: layout<Uint8Array>(Uint8Array),
  complex64: layout<Float32Array>(Float32Array, 2),
  complex128: layout<Float64Array>(Float64Array, 2),
  qint8: layout<Int8Array>(Int8Array),
  quint8: layout<Uint8Array>(Uint8Array),
  qint16: layout<Int16Array>(Int16Array),
  quint16: layout<Uint16Array>(Uint16Array),
  qint32: layout<Int32Array>(Int32Array),
};

/** `TF_DataType`. Source: TensorFlow's `tf_datatype.h`. */
const numbers: Readonly<Record<DType, number>> = {
  float32: 1,
  float64: 2,
  int32: 3,
  uint8: 4,
  int16: 5,
  int8: 6,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  qint8: 11,
  quint8: 12,
  qint32: 13,
  bfloat16: 14,
  qint16: 15,
  quint16: 16,
  uint16: 17,
  complex128: 18,
  float16: 19,
  resource: 20,
  variant: 21,
  uint32: 22,
  uint64: 23,
  float8_e5m2: 24,
  float8_e4m3fn: 25,
};

const names = new Map(Object.entries(numbers).map(([name, number]) => [number, name as DType]));

/** The number of a dtype in TensorFlow's C API, which is also its `DataType` in protos. */
export const dtypeNumber = (dtype: DType): number => numbers[dtype];

/** The dtype of a number, or undefined for one that this package does not know. */
export const dtypeOf = (number: number): DType | undefined => names.get(number);

export const isFixed = (dtype: DType): dtype is FixedDType => dtype in fixedLayouts;

/** Every dtype whose values this package reads and writes. */
export const dtypes: readonly (keyof TensorData)[] = [
  ...(Object.keys(fixedLayouts) as FixedDType[]),
  'string',
];

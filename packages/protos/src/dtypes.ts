import { DataType } from './gen/tensorflow/tensor_pb';

/** The array that holds a dtype's values, row-major. 16-bit and 8-bit floats are raw bits; bool is 0 or 1. */
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
  /** Byte strings, one per element. */
  readonly string: readonly Uint8Array[];
}

/** Element types by TensorFlow name, including those whose values can't be read. */
export type DType = keyof TensorData | 'resource' | 'variant';

/** The dtypes whose elements all take the same number of bytes. */
export type FixedDType = Exclude<keyof TensorData, 'string'>;

/** A typed array that holds the values of a fixed dtype. */
export type FixedData = TensorData[FixedDType];

/** The memory layout of a fixed dtype; multi-byte values are little-endian in TensorFlow's files. */
export interface FixedLayout<Data extends FixedData = FixedData> {
  /** TensorFlow's number for the dtype. */
  readonly dataType: DataType;
  /** Bytes per element. */
  readonly size: number;
  /** Typed array values per element: 2 for complex numbers, otherwise 1. */
  readonly lanes: number;
  readonly array: {
    new (length: number): Data;
    new (buffer: ArrayBufferLike, byteOffset: number, length: number): Data;
  };
}

const layout = <Data extends FixedData>(
  dataType: DataType,
  array: FixedLayout<Data>['array'] & { readonly BYTES_PER_ELEMENT: number },
  lanes = 1,
): FixedLayout<Data> => ({ dataType, size: array.BYTES_PER_ELEMENT * lanes, lanes, array });

/** The layout of every fixed dtype. Numbers: TensorFlow's `types.proto`. */
export const fixedLayouts: { readonly [D in FixedDType]: FixedLayout<TensorData[D]> } = {
  float32: layout<Float32Array>(DataType.DT_FLOAT, Float32Array),
  float64: layout<Float64Array>(DataType.DT_DOUBLE, Float64Array),
  float16: layout<Uint16Array>(DataType.DT_HALF, Uint16Array),
  bfloat16: layout<Uint16Array>(DataType.DT_BFLOAT16, Uint16Array),
  float8_e5m2: layout<Uint8Array>(DataType.DT_FLOAT8_E5M2, Uint8Array),
  float8_e4m3fn: layout<Uint8Array>(DataType.DT_FLOAT8_E4M3FN, Uint8Array),
  int8: layout<Int8Array>(DataType.DT_INT8, Int8Array),
  uint8: layout<Uint8Array>(DataType.DT_UINT8, Uint8Array),
  int16: layout<Int16Array>(DataType.DT_INT16, Int16Array),
  uint16: layout<Uint16Array>(DataType.DT_UINT16, Uint16Array),
  int32: layout<Int32Array>(DataType.DT_INT32, Int32Array),
  uint32: layout<Uint32Array>(DataType.DT_UINT32, Uint32Array),
  int64: layout<BigInt64Array>(DataType.DT_INT64, BigInt64Array),
  uint64: layout<BigUint64Array>(DataType.DT_UINT64, BigUint64Array),
  bool: layout<Uint8Array>(DataType.DT_BOOL, Uint8Array),
  complex64: layout<Float32Array>(DataType.DT_COMPLEX64, Float32Array, 2),
  complex128: layout<Float64Array>(DataType.DT_COMPLEX128, Float64Array, 2),
  qint8: layout<Int8Array>(DataType.DT_QINT8, Int8Array),
  quint8: layout<Uint8Array>(DataType.DT_QUINT8, Uint8Array),
  qint16: layout<Int16Array>(DataType.DT_QINT16, Int16Array),
  quint16: layout<Uint16Array>(DataType.DT_QUINT16, Uint16Array),
  qint32: layout<Int32Array>(DataType.DT_QINT32, Int32Array),
};

const unfixedDataTypes: Readonly<Record<Exclude<DType, FixedDType>, DataType>> = {
  string: DataType.DT_STRING,
  resource: DataType.DT_RESOURCE,
  variant: DataType.DT_VARIANT,
};

/** Every fixed dtype, in the order of {@link fixedLayouts}. */
export const fixedDTypes = Object.keys(fixedLayouts) as readonly FixedDType[];

/** Every dtype whose values can be read and written: the fixed ones and string. */
export const readableDTypes: readonly (keyof TensorData)[] = [...fixedDTypes, 'string'];

const allDTypes: readonly DType[] = [...readableDTypes, 'resource', 'variant'];

export const isFixedDType = (dtype: DType): dtype is FixedDType =>
  Object.hasOwn(fixedLayouts, dtype);

/** TensorFlow's number for a dtype, in its files and in its C API (`TF_DataType`). */
export const dataTypeOf = (dtype: DType): DataType =>
  isFixedDType(dtype) ? fixedLayouts[dtype].dataType : unfixedDataTypes[dtype];

const dtypesByDataType = new Map<number, DType>(
  allDTypes.map((dtype) => [dataTypeOf(dtype), dtype]),
);

/** The dtype with a TensorFlow number, or undefined when the number is not in this table. */
export const dtypeOf = (dataType: number): DType | undefined => dtypesByDataType.get(dataType);

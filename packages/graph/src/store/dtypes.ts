import { DataType } from '@elistimator/protos';
import type { DataType as TfjsType } from '@tensorflow/tfjs';

const types: Readonly<Record<TfjsType, DataType>> = {
  float32: DataType.DT_FLOAT,
  int32: DataType.DT_INT32,
  bool: DataType.DT_BOOL,
  complex64: DataType.DT_COMPLEX64,
  string: DataType.DT_STRING,
};

/** TensorFlow's number of a dtype. */
export const protoType = (dtype: TfjsType): DataType => types[dtype];

export const isDtype = (value: unknown): value is TfjsType =>
  typeof value === 'string' && Object.hasOwn(types, value);

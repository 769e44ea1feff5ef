import { type DType, dtypeOf, readableDTypes, type TensorData } from '@elistimator/protos';

/** Quantized integers and 8-bit floats, which checkpoints of variables do not contain. */
const unsupportedDTypes = [
  'float8_e5m2',
  'float8_e4m3fn',
  'qint8',
  'quint8',
  'qint16',
  'quint16',
  'qint32',
] as const satisfies readonly DType[];

/** The element types that this package reads and writes, by their TensorFlow names. */
export type CheckpointDType = Exclude<keyof TensorData, (typeof unsupportedDTypes)[number]>;

const isSupported = (dtype: keyof TensorData): dtype is CheckpointDType =>
  !unsupportedDTypes.some((unsupported) => unsupported === dtype);

/** Every dtype that this package reads and writes. */
export const checkpointDTypes: readonly CheckpointDType[] = readableDTypes.filter(isSupported);

/** The dtype with a TensorFlow number, or undefined if this package does not read it. */
export const checkpointDTypeOf = (dataType: number): CheckpointDType | undefined => {
  const dtype = dtypeOf(dataType);
  return checkpointDTypes.find((supported) => supported === dtype);
};

/** A tensor as a checkpoint's index describes it. */
export interface SavedVariable {
  readonly name: string;
  /** `DT_<number>` for a type that this package lists but cannot read. */
  readonly dtype: CheckpointDType | `DT_${number}`;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
}

/** A tensor read from a checkpoint. Narrowing `dtype` narrows the type of `data`. */
export type CheckpointTensor<D extends CheckpointDType = CheckpointDType> = {
  readonly [K in D]: {
    /** The variable's name, such as `conv2d/kernel`. */
    readonly name: string;
    readonly dtype: K;
    /** Empty for a scalar. */
    readonly shape: readonly number[];
    /** Values in row-major order. */
    readonly data: TensorData[K];
  };
}[D];

/** A tensor to write. Unlike CheckpointTensor it may hold JavaScript strings, which are written as UTF-8. */
export interface WritableTensor {
  readonly name: string;
  readonly dtype: CheckpointDType;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
  /** Values in row-major order, in the array type of the dtype. They must not change until the write has finished. */
  readonly data: TensorData[CheckpointDType] | readonly (string | Uint8Array)[];
}

/** The number of elements of a shape, or undefined if the shape is invalid or has more than 2^53 - 1 elements. */
export const elementCount = (shape: readonly number[]): number | undefined => {
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return undefined;
    count = size === 0 || count === 0 ? 0 : count * size;
  }
  return Number.isSafeInteger(count) ? count : undefined;
};

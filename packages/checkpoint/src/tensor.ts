import type { CheckpointDType, TensorData } from './dtypes';

/** What a checkpoint says of a tensor without reading it. */
export interface VariableInfo {
  readonly name: string;
  /** `DT_<number>` for a type that is listed but cannot be read. */
  readonly dtype: CheckpointDType | `DT_${number}`;
  /** Empty for a scalar. */
  readonly shape: readonly number[];
}

/** A tensor read from a checkpoint. Checking `dtype` tells TypeScript which array `data` is. */
export type CheckpointTensor<D extends CheckpointDType = CheckpointDType> = {
  readonly [K in D]: {
    /** The variable's name, as `conv2d/kernel`. */
    readonly name: string;
    readonly dtype: K;
    /** Empty for a scalar. */
    readonly shape: readonly number[];
    /** Row-major values. */
    readonly data: TensorData[K];
  };
}[D];

/** A tensor to write: as CheckpointTensor, but strings may be JavaScript strings, written as UTF-8. */
export interface WritableTensor {
  readonly name: string;
  readonly dtype: CheckpointDType;
  readonly shape: readonly number[];
  /** The array that TensorData names for the dtype. It must not change until writing has ended. */
  readonly data: TensorData[CheckpointDType] | readonly (string | Uint8Array)[];
}

/** The number of elements of a shape; undefined when it is no shape or more than 2^53 - 1. */
export const elementCount = (shape: readonly number[]): number | undefined => {
  let count = 1;
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || size < 0) return undefined;
    count = size === 0 || count === 0 ? 0 : count * size;
  }
  return Number.isSafeInteger(count) ? count : undefined;
};

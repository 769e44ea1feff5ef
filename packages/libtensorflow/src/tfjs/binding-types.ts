import { DataType } from '@elistimator/protos';

/** `TF_AttrType`. Source: TensorFlow's `tf_attrtype.h`. */
export const attributeTypes = {
  TF_ATTR_STRING: 0,
  TF_ATTR_INT: 1,
  TF_ATTR_FLOAT: 2,
  TF_ATTR_BOOL: 3,
  TF_ATTR_TYPE: 4,
  TF_ATTR_SHAPE: 5,
} as const;

/** The `TF_DataType`s that tfjs-node's kernels refer to. */
export const dataTypes = {
  TF_FLOAT: DataType.DT_FLOAT,
  TF_INT32: DataType.DT_INT32,
  TF_UINT8: DataType.DT_UINT8,
  TF_STRING: DataType.DT_STRING,
  TF_COMPLEX64: DataType.DT_COMPLEX64,
  TF_INT64: DataType.DT_INT64,
  TF_BOOL: DataType.DT_BOOL,
  TF_RESOURCE: DataType.DT_RESOURCE,
} as const;

/** An output of an operation. */
export interface TensorMetadata {
  /** The binding's number for the tensor. */
  id: number;
  shape: number[];
  /** A `TF_DataType`. */
  dtype: number;
}

/** A tensor's values as tfjs stores them: a typed array, or for strings a list of Uint8Array. */
export type TensorBytes =
  | Float32Array
  | Int32Array
  | Uint8Array
  | BigInt64Array
  | readonly Uint8Array[];

/** An attribute of an operation. */
export interface OpAttribute {
  readonly name: string;
  /** A `TF_AttrType`: one of the binding's `TF_ATTR_…` constants. */
  readonly type: number;
  /** For a list attribute, a list; for a list of shapes, a list of lists. */
  readonly value: unknown;
}

/** The functions that tfjs-node's kernels call. Source: `tfjs_binding.ts` of @tensorflow/tfjs-node 4.22. */
export interface TfjsBinding {
  createTensor(shape: readonly number[], dtype: number, values: unknown): number;
  deleteTensor(tensorId: number): void;
  tensorDataSync(tensorId: number): TensorBytes;
  executeOp(
    name: string,
    attributes: readonly OpAttribute[],
    inputTensorIds: readonly number[],
    outputCount: number,
  ): TensorMetadata[];
  loadSavedModel(directory: string, tags: string): number;
  deleteSavedModel(savedModelId: number): void;
  runSavedModel(
    savedModelId: number,
    inputTensorIds: readonly number[],
    inputNames: string,
    outputNames: string,
  ): TensorMetadata[];
  getNumOfSavedModels(): number;
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_BOOL: number;
  readonly TF_COMPLEX64: number;
  readonly TF_STRING: number;
  readonly TF_RESOURCE: number;
  readonly TF_UINT8: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_SHAPE: number;
  readonly TF_Version: string;
}

/** A binding that can be closed, which frees its tensors, SavedModels and eager context. */
export interface ClosableTfjsBinding extends TfjsBinding, Disposable {
  /** The full name of the device that holds new tensors. */
  readonly device: string;
  close(): void;
}

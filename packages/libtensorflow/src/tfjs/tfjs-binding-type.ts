/** An output of an operation, by the number under which the binding keeps it. */
export interface TensorMetadata {
  id: number;
  shape: number[];
  /** A `TF_DataType`. */
  dtype: number;
}

/** What tfjs holds the values of a tensor in: a typed array, or a Uint8Array for each string. */
export type TensorBytes =
  | Float32Array
  | Int32Array
  | Uint8Array
  | BigInt64Array
  | readonly Uint8Array[];

/** An attribute of an operation. */
export interface OpAttribute {
  readonly name: string;
  /** A `TF_AttrType`: one of the binding's `TF_ATTR_…`. */
  readonly type: number;
  /** A list, of lists for shapes, for an attribute that is a list. */
  readonly value: unknown;
}

/** What the kernels of tfjs-node call. Source: `tfjs_binding.ts` of @tensorflow/tfjs-node 4.22. */
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

/** The binding, and the end of it: closing frees its tensors, saved models and context. */
export interface ClosableTfjsBinding extends TfjsBinding, Disposable {
  /** The full name of the device that tensors are put on. */
  readonly device: string;
  close(): void;
}

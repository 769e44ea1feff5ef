import type { Library, Memory, Pointer } from './library';

/** Names of operations and attributes are passed as pointers: TensorFlow may keep them, and they recur. */
type CString = Pointer;

/** The eager context and its operations. Source: TensorFlow's `eager/c_api.h`. */
export const declareEager = (library: Library) => ({
  TFE_NewContextOptions: library.declare<() => Pointer>('void *TFE_NewContextOptions()'),
  TFE_ContextOptionsSetConfig: library.declare<
    (options: Pointer, configProto: Memory, bytes: number, status: Pointer) => void
  >('void TFE_ContextOptionsSetConfig(void *, const void *, size_t, void *)'),
  TFE_ContextOptionsSetDevicePlacementPolicy: library.declare<
    (options: Pointer, policy: number) => void
  >('void TFE_ContextOptionsSetDevicePlacementPolicy(void *, int)'),
  TFE_DeleteContextOptions: library.declare<(options: Pointer) => void>(
    'void TFE_DeleteContextOptions(void *)',
  ),
  TFE_NewContext: library.declare<(options: Pointer, status: Pointer) => Pointer | null>(
    'void *TFE_NewContext(void *, void *)',
  ),
  TFE_DeleteContext: library.declare<(context: Pointer) => void>('void TFE_DeleteContext(void *)'),
  TFE_ContextListDevices: library.declare<(context: Pointer, status: Pointer) => Pointer>(
    'void *TFE_ContextListDevices(void *, void *)',
  ),
  TFE_NewTensorHandle: library.declare<(tensor: Pointer, status: Pointer) => Pointer | null>(
    'void *TFE_NewTensorHandle(void *, void *)',
  ),
  TFE_DeleteTensorHandle: library.declare<(handle: Pointer) => void>(
    'void TFE_DeleteTensorHandle(void *)',
  ),
  TFE_TensorHandleDataType: library.declare<(handle: Pointer) => number>(
    'int TFE_TensorHandleDataType(void *)',
  ),
  TFE_TensorHandleNumDims: library.declare<(handle: Pointer, status: Pointer) => number>(
    'int TFE_TensorHandleNumDims(void *, void *)',
  ),
  TFE_TensorHandleDim: library.declare<(handle: Pointer, axis: number, status: Pointer) => number>(
    'int64_t TFE_TensorHandleDim(void *, int, void *)',
  ),
  TFE_TensorHandleResolve: library.declare<(handle: Pointer, status: Pointer) => Pointer | null>(
    'void *TFE_TensorHandleResolve(void *, void *)',
  ),
  TFE_TensorHandleCopyToDevice: library.declare<
    (handle: Pointer, context: Pointer, device: string, status: Pointer) => Pointer | null
  >('void *TFE_TensorHandleCopyToDevice(void *, void *, const char *, void *)'),
  TFE_NewOp: library.declare<(context: Pointer, name: CString, status: Pointer) => Pointer | null>(
    'void *TFE_NewOp(void *, void *, void *)',
  ),
  TFE_DeleteOp: library.declare<(op: Pointer) => void>('void TFE_DeleteOp(void *)'),
  TFE_OpAddInput: library.declare<(op: Pointer, handle: Pointer, status: Pointer) => void>(
    'void TFE_OpAddInput(void *, void *, void *)',
  ),
  TFE_OpSetAttrString: library.declare<
    (op: Pointer, name: CString, value: Memory, bytes: number) => void
  >('void TFE_OpSetAttrString(void *, void *, const void *, size_t)'),
  TFE_OpSetAttrInt: library.declare<(op: Pointer, name: CString, value: number | bigint) => void>(
    'void TFE_OpSetAttrInt(void *, void *, int64_t)',
  ),
  TFE_OpSetAttrFloat: library.declare<(op: Pointer, name: CString, value: number) => void>(
    'void TFE_OpSetAttrFloat(void *, void *, float)',
  ),
  TFE_OpSetAttrBool: library.declare<(op: Pointer, name: CString, value: number) => void>(
    'void TFE_OpSetAttrBool(void *, void *, uint8_t)',
  ),
  TFE_OpSetAttrType: library.declare<(op: Pointer, name: CString, dtype: number) => void>(
    'void TFE_OpSetAttrType(void *, void *, int)',
  ),
  TFE_OpSetAttrShape: library.declare<
    (op: Pointer, name: CString, dims: Memory, rank: number, status: Pointer) => void
  >('void TFE_OpSetAttrShape(void *, void *, const void *, int, void *)'),
  TFE_OpSetAttrStringList: library.declare<
    (op: Pointer, name: CString, values: Memory, lengths: Memory, count: number) => void
  >('void TFE_OpSetAttrStringList(void *, void *, const void *, const void *, int)'),
  TFE_OpSetAttrIntList: library.declare<
    (op: Pointer, name: CString, values: Memory, count: number) => void
  >('void TFE_OpSetAttrIntList(void *, void *, const void *, int)'),
  TFE_OpSetAttrFloatList: library.declare<
    (op: Pointer, name: CString, values: Memory, count: number) => void
  >('void TFE_OpSetAttrFloatList(void *, void *, const void *, int)'),
  TFE_OpSetAttrBoolList: library.declare<
    (op: Pointer, name: CString, values: Memory, count: number) => void
  >('void TFE_OpSetAttrBoolList(void *, void *, const void *, int)'),
  TFE_OpSetAttrTypeList: library.declare<
    (op: Pointer, name: CString, dtypes: Memory, count: number) => void
  >('void TFE_OpSetAttrTypeList(void *, void *, const void *, int)'),
  TFE_OpSetAttrShapeList: library.declare<
    (
      op: Pointer,
      name: CString,
      dims: Memory,
      ranks: Memory,
      count: number,
      status: Pointer,
    ) => void
  >('void TFE_OpSetAttrShapeList(void *, void *, const void *, const void *, int, void *)'),
  TFE_Execute: library.declare<
    (op: Pointer, outputs: Memory, outputCount: Memory, status: Pointer) => void
  >('void TFE_Execute(void *, void *, void *, void *)'),
});

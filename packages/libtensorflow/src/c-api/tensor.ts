import type { Library, Memory, Pointer } from './library';

/** `TF_Tensor`. Source: TensorFlow's `tf_tensor.h`. */
export const declareTensor = (library: Library) => ({
  TF_AllocateTensor: library.declare<
    (dtype: number, dims: Memory, rank: number, bytes: number) => Pointer
  >('void *TF_AllocateTensor(int, const void *, int, size_t)'),
  TF_NewTensor: library.declare<
    (
      dtype: number,
      dims: Memory,
      rank: number,
      data: Pointer,
      bytes: number,
      deallocator: Pointer,
      argument: null,
    ) => Pointer
  >('void *TF_NewTensor(int, const void *, int, void *, size_t, void *, void *)'),
  TF_DeleteTensor: library.declare<(tensor: Pointer) => void>('void TF_DeleteTensor(void *)'),
  TF_TensorType: library.declare<(tensor: Pointer) => number>('int TF_TensorType(void *)'),
  TF_NumDims: library.declare<(tensor: Pointer) => number>('int TF_NumDims(void *)'),
  TF_Dim: library.declare<(tensor: Pointer, axis: number) => number>('int64_t TF_Dim(void *, int)'),
  TF_TensorByteSize: library.declare<(tensor: Pointer) => number>(
    'size_t TF_TensorByteSize(void *)',
  ),
  TF_TensorData: library.declare<(tensor: Pointer) => Pointer | null>(
    'void *TF_TensorData(void *)',
  ),
});

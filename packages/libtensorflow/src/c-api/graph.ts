import koffi from 'koffi';
import type { Library, Memory, Pointer } from './library';

/** `TF_Output`: an output of an operation. */
export interface TfOutput {
  readonly oper: Pointer;
  readonly index: number;
}

/** `TF_Graph` and `TF_Operation`. Source: TensorFlow's `c_api.h`. */
export const declareGraph = (library: Library) => {
  // Anonymous: struct names are global in koffi, and the library may be opened twice.
  const output = koffi.struct({ oper: 'void *', index: 'int' });
  return {
    TF_NewGraph: library.declare<() => Pointer>('void *TF_NewGraph()'),
    TF_DeleteGraph: library.declare<(graph: Pointer) => void>('void TF_DeleteGraph(void *)'),
    TF_NewImportGraphDefOptions: library.declare<() => Pointer>(
      'void *TF_NewImportGraphDefOptions()',
    ),
    TF_DeleteImportGraphDefOptions: library.declare<(options: Pointer) => void>(
      'void TF_DeleteImportGraphDefOptions(void *)',
    ),
    TF_ImportGraphDefOptionsSetPrefix: library.declare<(options: Pointer, prefix: string) => void>(
      'void TF_ImportGraphDefOptionsSetPrefix(void *, const char *)',
    ),
    TF_GraphImportGraphDef: library.declare<
      (graph: Pointer, graphDef: Pointer, options: Pointer, status: Pointer) => void
    >('void TF_GraphImportGraphDef(void *, void *, void *, void *)'),
    TF_GraphToGraphDef: library.declare<
      (graph: Pointer, graphDef: Pointer, status: Pointer) => void
    >('void TF_GraphToGraphDef(void *, void *, void *)'),
    TF_GraphOperationByName: library.declare<(graph: Pointer, name: string) => Pointer | null>(
      'void *TF_GraphOperationByName(void *, const char *)',
    ),
    TF_GraphNextOperation: library.declare<(graph: Pointer, position: Memory) => Pointer | null>(
      'void *TF_GraphNextOperation(void *, void *)',
    ),
    TF_GraphGetTensorNumDims: library.declareTypes<
      (graph: Pointer, output: TfOutput, status: Pointer) => number
    >('TF_GraphGetTensorNumDims', 'int', ['void *', output, 'void *']),
    TF_GraphGetTensorShape: library.declareTypes<
      (graph: Pointer, output: TfOutput, dims: Memory, rank: number, status: Pointer) => void
    >('TF_GraphGetTensorShape', 'void', ['void *', output, 'void *', 'int', 'void *']),
    TF_OperationName: library.declare<(operation: Pointer) => string>(
      'const char *TF_OperationName(void *)',
    ),
    TF_OperationOpType: library.declare<(operation: Pointer) => string>(
      'const char *TF_OperationOpType(void *)',
    ),
    TF_OperationDevice: library.declare<(operation: Pointer) => string>(
      'const char *TF_OperationDevice(void *)',
    ),
    TF_OperationNumInputs: library.declare<(operation: Pointer) => number>(
      'int TF_OperationNumInputs(void *)',
    ),
    TF_OperationNumOutputs: library.declare<(operation: Pointer) => number>(
      'int TF_OperationNumOutputs(void *)',
    ),
    TF_OperationOutputType: library.declareTypes<(output: TfOutput) => number>(
      'TF_OperationOutputType',
      'int',
      [output],
    ),
    TF_GetAllOpList: library.declare<() => Pointer>('void *TF_GetAllOpList()'),
  };
};

import type { Library, Memory, Pointer } from './library';

/** `TF_Session` and its options. Source: TensorFlow's `c_api.h`. */
export const declareSession = (library: Library) => ({
  TF_NewSessionOptions: library.declare<() => Pointer>('void *TF_NewSessionOptions()'),
  TF_DeleteSessionOptions: library.declare<(options: Pointer) => void>(
    'void TF_DeleteSessionOptions(void *)',
  ),
  TF_SetTarget: library.declare<(options: Pointer, target: string) => void>(
    'void TF_SetTarget(void *, const char *)',
  ),
  TF_SetConfig: library.declare<
    (options: Pointer, configProto: Memory, bytes: number, status: Pointer) => void
  >('void TF_SetConfig(void *, const void *, size_t, void *)'),
  TF_NewSession: library.declare<
    (graph: Pointer, options: Pointer, status: Pointer) => Pointer | null
  >('void *TF_NewSession(void *, void *, void *)'),
  TF_LoadSessionFromSavedModel: library.declare<
    (
      options: Pointer,
      runOptions: null,
      directory: string,
      tags: readonly string[],
      tagCount: number,
      graph: Pointer,
      metaGraphDef: Pointer,
      status: Pointer,
    ) => Pointer | null
  >(
    'void *TF_LoadSessionFromSavedModel(void *, void *, const char *, const char **, int, void *, void *, void *)',
  ),
  TF_CloseSession: library.declare<(session: Pointer, status: Pointer) => void>(
    'void TF_CloseSession(void *, void *)',
  ),
  TF_DeleteSession: library.declare<(session: Pointer, status: Pointer) => void>(
    'void TF_DeleteSession(void *, void *)',
  ),
  /** `inputs` and `outputs` are arrays of `TF_Output`, 16 bytes each: the operation and the index. */
  TF_SessionRun: library.declare<
    (
      session: Pointer,
      runOptions: null,
      inputs: Memory,
      inputValues: Memory,
      inputCount: number,
      outputs: Memory,
      outputValues: Memory,
      outputCount: number,
      targets: Memory,
      targetCount: number,
      runMetadata: null,
      status: Pointer,
    ) => void
  >(
    'void TF_SessionRun(void *, void *, const void *, const void *, int, const void *, void *, int, const void *, int, void *, void *)',
  ),
});

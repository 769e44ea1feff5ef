export type { Device } from './devices';
export { type DType, dtypes, type FixedDType, type TensorData } from './dtypes';
export {
  ClosedHandleError,
  ConfigError,
  LibraryLoadError,
  OperationNotFoundError,
  TensorArgumentError,
  TensorflowError,
} from './errors';
export {
  type FindOptions,
  type FoundLibtensorflow,
  findLibtensorflow,
  type InstallFor,
  installCommand,
  type LibrarySource,
  LibtensorflowNotFoundError,
  type Look,
  minimumVersion,
  type PythonInstallation,
  type SearchReport,
} from './find';
export type { Graph, ImportOptions } from './graph';
export type { HandleKind, LiveHandles } from './handles/handle-ledger';
export type { Libtensorflow, SavedModel } from './libtensorflow';
export { type LoadOptions, loadLibtensorflow } from './load-libtensorflow';
export type { Operation, OutputInfo } from './operation';
export type { RunNames } from './run-plan';
export type { RunRequest, Session, SessionCallable } from './session';
export type { SessionConfig } from './session-config';
export type { Tensor } from './tensor';
export type { TensorValues } from './tensor-values';
export {
  type RegisterOptions,
  registerTfjsBackend,
  type TfjsModule,
} from './tfjs/register-tfjs-backend';
export type {
  ClosableTfjsBinding,
  OpAttribute,
  TensorBytes,
  TensorMetadata,
  TfjsBinding,
} from './tfjs/tfjs-binding-type';

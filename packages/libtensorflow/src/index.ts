export { ArgumentError } from '@elistimator/internal';
export {
  type DType,
  type FixedDType,
  readableDTypes as dtypes,
  type TensorData,
} from '@elistimator/protos';
export type { Device, HandleKind, LiveHandles } from './c-api';
export {
  ClosedHandleError,
  ConfigError,
  LibraryLoadError,
  OperationNotFoundError,
  TensorArgumentError,
  TensorflowError,
} from './errors';
export { type FindOptions, findLibtensorflow } from './find/find';
export { minimumVersion } from './find/inspect';
export {
  type FoundLibtensorflow,
  type InstallTarget,
  installCommand,
  type LibrarySource,
  LibtensorflowNotFoundError,
  type PythonInstallation,
  type SearchAttempt,
  type SearchReport,
} from './find/report';
export type { ImportOptions, TfGraph } from './graph/graph';
export type { OutputInfo, TfOperation } from './graph/operation';
export type { Libtensorflow, LoadedSavedModel } from './libtensorflow';
export { type LoadOptions, loadLibtensorflow } from './load-libtensorflow';
export type { RunNames } from './session/run-plan';
export type { RunRequest, SessionCallable, TfSession } from './session/session';
export type { SessionConfig } from './session/session-config';
export type { TfTensor } from './tensor/tensor';
export type { TensorValues } from './tensor/values';
export type {
  ClosableTfjsBinding,
  OpAttribute,
  TensorBytes,
  TensorMetadata,
  TfjsBinding,
} from './tfjs/binding-types';
export {
  type RegisterOptions,
  registerTfjsBackend,
  type TfjsModule,
} from './tfjs/register-backend';

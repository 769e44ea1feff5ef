export { ArgumentError, PathError } from '@elistimator/internal';
export type { TensorData } from '@elistimator/protos';
export {
  assertBlobName,
  type BlobData,
  type ByteRange,
  type CheckpointBackend,
  type WriteLock,
} from './backends/checkpoint-backend';
export { fileSystemBackend } from './backends/file-system';
export type { FileSystemOperations } from './backends/file-system-operations';
export { memoryBackend } from './backends/memory';
export type { CastDType } from './bundle/cast';
export { type CheckpointReader, openCheckpoint } from './bundle/open-checkpoint';
export { type WriteCheckpointOptions, writeCheckpoint } from './bundle/write-checkpoint';
export {
  BlobNotFoundError,
  CheckpointNotFoundError,
  CorruptCheckpointError,
  DirectoryLockedError,
  InvalidBlobNameError,
  InvalidCheckpointOptionError,
  InvalidTensorError,
  TensorNotFoundError,
  UnknownMetricError,
  UnsupportedCheckpointError,
} from './errors';
export { CheckpointManager } from './manager/checkpoint-manager';
export type { CheckpointEntry } from './manager/checkpoint-view';
export {
  type KeepContext,
  type KeepPolicy,
  keepAll,
  keepAnyOf,
  keepBest,
  keepEveryNHours,
  keepEveryNSteps,
  keepLatest,
  keepLatestAndBest,
  type SavedCheckpoint,
} from './manager/keep-policies';
export type { CheckpointMarks } from './manager/lineage';
export {
  type CheckpointConfiguration,
  type CheckpointManagerOptions,
  fromTrainSaverArgs,
  type TrainSaverArgs,
} from './manager/manager-options';
export type { CheckpointMetrics, Ranking } from './manager/ranking';
export type { CheckpointSnapshot } from './manager/snapshot';
export type { VariableDType, VariableList } from './manager/variable-list';
export {
  type CheckpointDType,
  type CheckpointTensor,
  checkpointDTypes,
  type SavedVariable,
  type WritableTensor,
} from './tensor';
export {
  type AssignmentMap,
  type MatchOptions,
  matchVariables,
  readMatches,
  type VariableMatch,
  type VariableMismatch,
  type VariableReport,
} from './warm-start';

export {
  assertBlobName,
  type BlobData,
  type ByteRange,
  type CheckpointBackend,
  type FileSystemOperations,
  fileSystemBackend,
  memoryBackend,
  type WriteLock,
} from './backends';
export {
  type CheckpointReader,
  openCheckpoint,
  type WriteCheckpointOptions,
  writeCheckpoint,
} from './bundle';
export { type CheckpointDType, checkpointDTypes, type TensorData } from './dtypes';
export {
  BlobNotFoundError,
  CheckpointNotFoundError,
  CorruptCheckpointError,
  DirectoryLockedError,
  InvalidBlobNameError,
  InvalidCheckpointOptionError,
  InvalidTensorError,
  TensorNotFoundError,
  UnsupportedCheckpointError,
} from './errors';
export {
  type CheckpointConfiguration,
  type CheckpointEntry,
  CheckpointManager,
  type CheckpointManagerOptions,
  type CheckpointSnapshot,
  fromTrainSaverArgs,
  type TrainSaverArgs,
  type VariableDType,
  type VariableList,
} from './manager';
export {
  anyOf,
  type CheckpointMetrics,
  type KeepContext,
  type KeepPolicy,
  keepAll,
  keepBest,
  keepEveryNHours,
  keepEveryNSteps,
  keepLatest,
  keepLatestAndBest,
  type Ranking,
  type SavedCheckpoint,
} from './policies';
export type { CheckpointTensor, VariableInfo, WritableTensor } from './tensor';
export {
  type AssignmentMap,
  matchVariables,
  readMatches,
  type VariableMatch,
  type VariableMismatch,
  type VariableReport,
} from './warm-start';

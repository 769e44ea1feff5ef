export type {
  CheckpointDType,
  CheckpointEntry,
  CheckpointMetrics,
  CheckpointSnapshot,
  CheckpointStore,
  CheckpointTensor,
  SavedCheckpoint,
} from './checkpoint-store';
export { type ProgressReporter, type ProgressTask, silentProgress } from './progress-reporter';
export type { SaveMoment, SaveTrigger } from './save-trigger';
export {
  nullSummarySink,
  type SummaryScalar,
  type SummarySink,
  type SummaryTensor,
} from './summary-sink';

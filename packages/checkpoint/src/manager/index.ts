export { BackgroundSaver } from './background-saver';
export {
  type CheckpointEntry,
  CheckpointManager,
  type IntactCheckpoint,
} from './checkpoint-manager';
export type { CheckpointManagerOptions } from './manager-options';
export type { VariableDType } from './read-variables';
export type { CheckpointSnapshot } from './snapshot';
export { fromTrainSaverArgs, type TrainSaverArgs } from './train-saver-args';
export type { VariableList } from './variable-list';

export { type CheckpointEntry, CheckpointManager } from './checkpoint-manager';
export type { CheckpointConfiguration, CheckpointManagerOptions } from './manager-options';
export type { VariableDType } from './read-variables';
export type { CheckpointSnapshot } from './snapshot';
export { fromTrainSaverArgs, type TrainSaverArgs } from './train-saver-args';
export type { VariableList } from './variable-list';

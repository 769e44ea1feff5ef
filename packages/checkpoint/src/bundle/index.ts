export { type CheckpointReader, openCheckpoint } from './open-checkpoint';
export { type WriteCheckpointOptions, writeCheckpoint } from './write-checkpoint';

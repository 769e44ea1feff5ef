import type { TrainingPosition } from '../model/model';
import type { CheckpointMetrics, CheckpointTensor } from '../ports';

/** The suffix of the file with the model's graph, as in TensorFlow 1. */
export const GRAPH_SUFFIX = '.meta';

/** The metrics of the last validation, and its step. */
export interface ValidationRecord {
  readonly globalStep: number;
  readonly metrics: CheckpointMetrics;
}

/** A training loss that is NaN or infinite. */
export interface NonFiniteLoss {
  readonly globalStep: number;
  readonly value: number;
}

/** The contents of a checkpoint, all of one moment. */
export interface ModelSnapshot {
  readonly position: TrainingPosition;
  /** The values of variables at the moment of the snapshot, once they are read back. */
  readonly values: Promise<readonly CheckpointTensor[]>;
  /** Names of variables that training does not change; these may be infinite. */
  readonly constants: ReadonlySet<string>;
  /** The last training loss if it is NaN or infinite, once it is read back. */
  readonly nonFiniteLoss: Promise<NonFiniteLoss | undefined>;
  readonly metrics: CheckpointMetrics | undefined;
  /** JSON; see `StoredRun`. */
  readonly state: unknown;
  /** The encoded graph of the model. */
  readonly graph: Uint8Array;
}

/** The training position and validation of a restored checkpoint. */
export interface RestoredPosition {
  /** Members that the checkpoint does not contain, because it is of other origin, are missing. */
  readonly position: Partial<TrainingPosition>;
  /** The validation at the checkpoint's step. */
  readonly validated: ValidationRecord | undefined;
}

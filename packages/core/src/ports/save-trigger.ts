import type { CheckpointMetrics, SavedCheckpoint } from './checkpoint-store';

/** What a trigger decides by. */
export interface SaveMoment {
  readonly globalStep: number;
  /** In milliseconds since the epoch. */
  readonly now: number;
  /** When training began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** The metrics of the validation at this step; undefined if there was none. */
  readonly metrics?: CheckpointMetrics | undefined;
  /** The existing checkpoints, in the order in which they were saved. */
  readonly saved: readonly SavedCheckpoint[];
}

/** Decides when to save automatically, in addition to calls of `saveCkpt()`. */
export interface SaveTrigger {
  /** The validation metrics that it decides by. Default: none. */
  readonly metrics?: readonly string[] | undefined;
  /** Whether it saves only after a validation, so that without one it never does. Default: false. */
  readonly needsValidation?: boolean | undefined;
  /** Called after each training step and after each validation. */
  shouldSave(moment: SaveMoment): boolean;
}

import type { CheckpointMetrics, SavedCheckpoint } from '../policies';

/** What a trigger decides by. */
export interface SaveMoment {
  readonly globalStep: number;
  /** In milliseconds since the epoch. */
  readonly now: number;
  /** When training began, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** What validation gave at this step, if it ran. */
  readonly metrics?: CheckpointMetrics | undefined;
  /** The checkpoints that are there, in the order in which they were saved. */
  readonly saved: readonly SavedCheckpoint[];
}

/** Decides when to save, for those who do not call it themselves. A custom one is an object with this method. */
export interface SaveTrigger {
  shouldSave(moment: SaveMoment): boolean;
}

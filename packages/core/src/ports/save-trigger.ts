import type { CheckpointMetrics } from './checkpoint-store';

/** A checkpoint that the store holds, as triggers see it. */
export interface SavedCheckpoint {
  readonly globalStep: number;
  /** When it was saved, in milliseconds since the epoch. */
  readonly savedAt: number;
  readonly metrics?: CheckpointMetrics | undefined;
}

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

/** Decides when to save, for those who do not call `saveCkpt()` themselves. */
export interface SaveTrigger {
  /** Asked after each training step, and after each validation. */
  shouldSave(moment: SaveMoment): boolean;
}

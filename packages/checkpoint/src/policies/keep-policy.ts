/** Metric names and values, as validation gives them. */
export type CheckpointMetrics = Readonly<Record<string, number>>;

/** What a policy decides by. */
export interface SavedCheckpoint {
  readonly globalStep: number;
  /** When it was saved, in milliseconds since the epoch. */
  readonly savedAt: number;
  /** Present once validation ran at the checkpoint's step. */
  readonly metrics?: CheckpointMetrics | undefined;
}

/** What a policy may know besides the checkpoints. */
export interface KeepContext {
  /** When the first manager of the directory was opened, in milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Decides which checkpoints stay. A custom policy is an object with this one method. */
export interface KeepPolicy {
  /**
   * @param checkpoints those that are there, in the order in which they were saved: the newest is the last
   * @returns those of them to keep. The newest stays in any case.
   */
  keep(checkpoints: readonly SavedCheckpoint[], context: KeepContext): Iterable<SavedCheckpoint>;
}

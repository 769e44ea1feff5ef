import { assertPositive } from './assert-count';
import type { KeepPolicy, SavedCheckpoint } from './keep-policy';

const HOUR_MS = 3_600_000;

/**
 * Keeps a checkpoint whenever `n` hours have gone by since the last one it kept, or since the directory's
 * first manager was opened. As TF1 Saver's `keep_checkpoint_every_n_hours`.
 *
 * @param n hours, may be a fraction
 * @throws InvalidCheckpointOptionError
 */
export const keepEveryNHours = (n: number): KeepPolicy => {
  assertPositive('n', n);
  return {
    keep: (checkpoints, { startedAt }) => {
      const kept: SavedCheckpoint[] = [];
      let last = startedAt;
      for (const checkpoint of checkpoints) {
        if (checkpoint.savedAt - last < n * HOUR_MS) continue;
        kept.push(checkpoint);
        last = checkpoint.savedAt;
      }
      return kept;
    },
  };
};

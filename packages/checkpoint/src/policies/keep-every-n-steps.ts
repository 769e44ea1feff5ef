import { assertCount } from './assert-count';
import type { KeepPolicy, SavedCheckpoint } from './keep-policy';

/**
 * Keeps a checkpoint whenever `n` global steps have gone by since the last one it kept, or since step 0.
 * Steps need not be multiples of `n`: with one checkpoint a round they seldom are.
 *
 * @throws InvalidCheckpointOptionError
 */
export const keepEveryNSteps = (n: number): KeepPolicy => {
  assertCount('n', n, 1);
  return {
    keep: (checkpoints) => {
      const kept: SavedCheckpoint[] = [];
      let last = 0;
      for (const checkpoint of [...checkpoints].sort((a, b) => a.globalStep - b.globalStep)) {
        if (checkpoint.globalStep - last < n) continue;
        kept.push(checkpoint);
        last = checkpoint.globalStep;
      }
      return kept;
    },
  };
};

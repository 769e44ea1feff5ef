import { assertCount, assertPositive } from '../option-checks';
import { assertRanking, type Ranking, rank } from './ranking';

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

/**
 * Keeps the `n` checkpoints saved last.
 *
 * @throws InvalidCheckpointOptionError
 */
export const keepLatest = (n: number): KeepPolicy => {
  assertCount('n', n, 1);
  return { keep: (checkpoints) => checkpoints.slice(-n) };
};

/** Keeps every checkpoint. */
export const keepAll = (): KeepPolicy => ({ keep: (checkpoints) => checkpoints });

/**
 * Keeps the `n` best checkpoints (default 1) of those that have the metric. NaN is never best; of equals,
 * the newer is better.
 *
 * @throws InvalidCheckpointOptionError
 */
export const keepBest = ({ n = 1, ...ranking }: Ranking & { readonly n?: number }): KeepPolicy => {
  assertCount('n', n, 1);
  assertRanking(ranking);
  return { keep: (checkpoints) => rank(checkpoints, ranking).slice(0, n) };
};

/**
 * Keeps `n` checkpoints in all: the best one and, besides it, the latest. With `n` of 1 and a best one that
 * is not the newest, both stay. This is what `maxToKeep` stands for.
 *
 * @throws InvalidCheckpointOptionError
 */
export const keepLatestAndBest = ({
  n,
  ...ranking
}: Ranking & { readonly n: number }): KeepPolicy => {
  assertCount('n', n, 1);
  assertRanking(ranking);
  return {
    keep: (checkpoints) => {
      const [best] = rank(checkpoints, ranking);
      const latest = checkpoints.slice(-n);
      if (best === undefined || latest.includes(best)) return latest;
      return [best, ...checkpoints.slice(-Math.max(1, n - 1))];
    },
  };
};

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

/** Keeps what at least one of the policies keeps. */
export const anyOf = (...policies: readonly KeepPolicy[]): KeepPolicy => ({
  keep: (checkpoints, context) =>
    new Set(policies.flatMap((policy) => [...policy.keep(checkpoints, context)])),
});

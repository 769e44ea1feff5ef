import { checkedFunction, kinds, required, rest } from '@elistimator/internal';
import { assertInteger, assertPositive } from '../option-checks';
import type { CheckpointMarks } from './lineage';
import { assertRanking, type CheckpointMetrics, type Ranking, rank } from './ranking';

/** A stored checkpoint, as keep policies see it. Frozen. */
export interface SavedCheckpoint extends CheckpointMarks {
  readonly globalStep: number;
  /** When it was saved, in milliseconds since the epoch. */
  readonly savedAt: number;
  /** Present once validation has run at the checkpoint's step. */
  readonly metrics?: CheckpointMetrics | undefined;
}

/** What a keep policy knows in addition to the checkpoints. */
export interface KeepContext {
  /** When a manager first opened the directory, in milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Decides which checkpoints to keep. A custom policy is an object with the method `keep`. */
export interface KeepPolicy {
  /**
   * @param checkpoints the stored checkpoints in the order in which they were saved, the newest last. Abandoned ones
   *   come first, so that they are dropped first. Those that are not finite are missing: the manager keeps the newest
   *   of them in addition, so that they never take the place of others.
   * @returns the checkpoints to keep. The newest one is always kept.
   */
  keep(checkpoints: readonly SavedCheckpoint[], context: KeepContext): Iterable<SavedCheckpoint>;
  /** The metrics that the policy ranks by, so that they can be checked before training. Default: none. */
  readonly rankedBy?: readonly string[] | undefined;
}

/** True for an object with the method `keep`. */
export const isKeepPolicy = (value: unknown): value is KeepPolicy =>
  typeof value === 'object' &&
  value !== null &&
  'keep' in value &&
  typeof value.keep === 'function';

const policyKind = { expected: 'a policy, such as keepLatest(3)', accepts: isKeepPolicy };

const lineageOf = (checkpoints: readonly SavedCheckpoint[]): SavedCheckpoint[] =>
  checkpoints.filter(({ isAbandoned }) => !isAbandoned);

/**
 * Keeps the `n` checkpoints that were saved last.
 *
 * @throws InvalidCheckpointOptionError if `n` is not an integer of at least 1
 */
export const keepLatest = checkedFunction(
  'keepLatest()',
  { n: required() },
  (n: number): KeepPolicy => {
    assertInteger('n', n, 1);
    return { keep: (checkpoints) => checkpoints.slice(-n) };
  },
);

/** Keeps every checkpoint. */
export const keepAll = checkedFunction(
  'keepAll()',
  {},
  (): KeepPolicy => ({ keep: (checkpoints) => checkpoints }),
);

/**
 * Keeps the `n` best checkpoints (default 1) among those that have the metric. A value that is not finite counts as
 * a missing metric; of equal values the newer is better. Abandoned checkpoints are not kept.
 *
 * @throws InvalidCheckpointOptionError if `n` is not an integer of at least 1, or the ranking is invalid
 */
export const keepBest = checkedFunction(
  'keepBest()',
  { options: required(kinds.object) },
  ({ n = 1, ...ranking }: Ranking & { readonly n?: number }): KeepPolicy => {
    assertInteger('n', n, 1);
    assertRanking(ranking);
    return {
      keep: (checkpoints) => rank(checkpoints, ranking).slice(0, n),
      rankedBy: [ranking.metric],
    };
  },
);

/**
 * Keeps `n` checkpoints in total: the best one and the latest ones. If `n` is 1 and the best checkpoint is not
 * the newest, both are kept. `maxToKeep` uses this policy.
 *
 * @throws InvalidCheckpointOptionError if `n` is not an integer of at least 1, or the ranking is invalid
 */
export const keepLatestAndBest = checkedFunction(
  'keepLatestAndBest()',
  { options: required(kinds.object) },
  ({ n, ...ranking }: Ranking & { readonly n: number }): KeepPolicy => {
    assertInteger('n', n, 1);
    assertRanking(ranking);
    return {
      keep: (checkpoints) => {
        const [best] = rank(checkpoints, ranking);
        const latest = checkpoints.slice(-n);
        if (best === undefined || latest.includes(best)) return latest;
        return [best, ...checkpoints.slice(-Math.max(1, n - 1))];
      },
      rankedBy: [ranking.metric],
    };
  },
);

/** Keeps each checkpoint whose measure is at least `interval` above that of the last one kept. */
const spaced = (
  checkpoints: readonly SavedCheckpoint[],
  measure: (checkpoint: SavedCheckpoint) => number,
  start: number,
  interval: number,
): SavedCheckpoint[] => {
  const selected: SavedCheckpoint[] = [];
  let last = start;
  for (const checkpoint of checkpoints) {
    if (measure(checkpoint) - last < interval) continue;
    selected.push(checkpoint);
    last = measure(checkpoint);
  }
  return selected;
};

const HOUR_MS = 3_600_000;

/**
 * Keeps a checkpoint whenever at least `n` hours have passed since the last one it kept, or since the directory
 * was first opened. The equivalent of TF1 Saver's `keep_checkpoint_every_n_hours`. Abandoned ones are not kept.
 *
 * @param n hours; fractions are allowed
 * @throws InvalidCheckpointOptionError if `n` is not a number above 0
 */
export const keepEveryNHours = checkedFunction(
  'keepEveryNHours()',
  { n: required() },
  (n: number): KeepPolicy => {
    assertPositive('n', n);
    return {
      keep: (checkpoints, { startedAt }) =>
        spaced(lineageOf(checkpoints), ({ savedAt }) => savedAt, startedAt, n * HOUR_MS),
    };
  },
);

/**
 * Keeps a checkpoint whenever at least `n` global steps have passed since the last one it kept, or since step 0.
 * The steps need not be multiples of `n`. Abandoned ones are not kept.
 *
 * @throws InvalidCheckpointOptionError if `n` is not an integer of at least 1
 */
export const keepEveryNSteps = checkedFunction(
  'keepEveryNSteps()',
  { n: required() },
  (n: number): KeepPolicy => {
    assertInteger('n', n, 1);
    return {
      keep: (checkpoints) => {
        const ascending = lineageOf(checkpoints).sort((a, b) => a.globalStep - b.globalStep);
        return spaced(ascending, ({ globalStep }) => globalStep, 0, n);
      },
    };
  },
);

/** Keeps the checkpoints that at least one of the policies keeps. */
export const keepAnyOf = checkedFunction(
  'keepAnyOf()',
  { policies: rest(policyKind) },
  (...policies: readonly KeepPolicy[]): KeepPolicy => ({
    keep: (checkpoints, context) =>
      new Set(policies.flatMap((policy) => [...policy.keep(checkpoints, context)])),
    rankedBy: policies.flatMap(({ rankedBy = [] }) => rankedBy),
  }),
);

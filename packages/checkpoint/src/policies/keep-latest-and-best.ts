import { assertCount } from './assert-count';
import type { KeepPolicy } from './keep-policy';
import { assertRanking, type Ranking, rank } from './ranking';

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

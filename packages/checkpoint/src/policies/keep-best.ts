import { assertCount } from './assert-count';
import type { KeepPolicy } from './keep-policy';
import { assertRanking, type Ranking, rank } from './ranking';

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

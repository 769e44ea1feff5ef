import { assertCount } from './assert-count';
import type { KeepPolicy } from './keep-policy';

/**
 * Keeps the `n` checkpoints saved last.
 *
 * @throws InvalidCheckpointOptionError
 */
export const keepLatest = (n: number): KeepPolicy => {
  assertCount('n', n, 1);
  return { keep: (checkpoints) => checkpoints.slice(-n) };
};

import { assertPositive } from '../policies/assert-count';
import type { SaveTrigger } from './save-trigger';

/**
 * Saves once `n` seconds have gone by since the last save, or since training began.
 *
 * @throws InvalidCheckpointOptionError
 */
export const saveEveryNSeconds = (n: number): SaveTrigger => {
  assertPositive('n', n);
  return {
    shouldSave: ({ now, startedAt, saved }) => {
      // A checkpoint of an earlier run must not make the first one of this run due at once.
      const last = Math.max(startedAt, saved.at(-1)?.savedAt ?? 0);
      return now - last >= n * 1000;
    },
  };
};

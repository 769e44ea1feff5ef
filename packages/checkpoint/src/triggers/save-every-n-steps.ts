import { assertCount } from '../policies/assert-count';
import type { SaveTrigger } from './save-trigger';

/**
 * Saves once `n` global steps have gone by since the last save.
 *
 * @throws InvalidCheckpointOptionError
 */
export const saveEveryNSteps = (n: number): SaveTrigger => {
  assertCount('n', n, 1);
  return {
    shouldSave: ({ globalStep, saved }) => globalStep - (saved.at(-1)?.globalStep ?? 0) >= n,
  };
};

import type { SavedCheckpoint } from '../ports';

/** Whether a checkpoint may be restored without being named. */
export const isCandidate = ({ isAbandoned, isNonFinite }: SavedCheckpoint): boolean =>
  isAbandoned !== true && isNonFinite !== true;

/**
 * The stored checkpoint of a step and its ancestors, in the order in which they were saved.
 *
 * The ancestors of an abandoned checkpoint are those that were saved before it with a smaller step, since
 * only the line of the checkpoint saved last is marked.
 *
 * @param saved all checkpoints, in the order in which they were saved
 * @param globalStep null for a run that started from no stored checkpoint
 */
export const lineTo = (
  saved: readonly SavedCheckpoint[],
  globalStep: number | null,
): readonly SavedCheckpoint[] => {
  if (globalStep === null) return [];
  const index = saved.findIndex((checkpoint) => checkpoint.globalStep === globalStep);
  const end = saved[index];
  const earlier = end === undefined ? saved : saved.slice(0, index);
  const ancestors = earlier.filter(
    (checkpoint) =>
      checkpoint.globalStep < globalStep && (end?.isAbandoned || !checkpoint.isAbandoned),
  );
  return end === undefined ? ancestors : [...ancestors, end];
};

/** Checkpoints that are restored only by name, and why: `model_iter-20 (abandoned)`. */
export const describeOthers = (
  saved: readonly SavedCheckpoint[],
  nameOf: (globalStep: number) => string,
): readonly string[] =>
  saved
    .filter((checkpoint) => !isCandidate(checkpoint))
    .map(({ globalStep, isNonFinite }) => {
      const reason = isNonFinite ? 'not finite' : 'abandoned';
      return `${nameOf(globalStep)} (${reason})`;
    });

/** Identifies a save: a checkpoint may replace another one of the same step. */
export const saveKey = ({ globalStep, savedAt }: SavedCheckpoint): string =>
  `${globalStep}@${savedAt}`;

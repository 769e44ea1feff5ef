import type { SaveTrigger } from './save-trigger';

/** Saves when at least one of the triggers does. */
export const saveOnAnyOf = (...triggers: readonly SaveTrigger[]): SaveTrigger => ({
  shouldSave: (moment) => triggers.some((trigger) => trigger.shouldSave(moment)),
});

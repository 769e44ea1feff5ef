export { saveEveryNSeconds } from './save-every-n-seconds';
export { saveEveryNSteps } from './save-every-n-steps';
export { saveOnAnyOf } from './save-on-any-of';
export { saveOnImprovement } from './save-on-improvement';
export type { SaveMoment, SaveTrigger } from './save-trigger';

export { anyOf } from './any-of';
export { keepAll } from './keep-all';
export { keepBest } from './keep-best';
export { keepEveryNHours } from './keep-every-n-hours';
export { keepEveryNSteps } from './keep-every-n-steps';
export { keepLatest } from './keep-latest';
export { keepLatestAndBest } from './keep-latest-and-best';
export type { CheckpointMetrics, KeepContext, KeepPolicy, SavedCheckpoint } from './keep-policy';
export { assertRanking, type Ranking, rank } from './ranking';

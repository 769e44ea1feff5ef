export type { Candidate, StartedBackend } from './candidate';
export { candidates } from './candidates';

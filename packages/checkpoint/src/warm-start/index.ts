export type { AssignmentMap } from './assignment-map';
export {
  matchVariables,
  type VariableMatch,
  type VariableMismatch,
  type VariableReport,
} from './match-variables';
export { readMatches } from './read-matches';

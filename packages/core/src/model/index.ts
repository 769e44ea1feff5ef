export { type GetVariableOptions, getVariable } from './get-variable';
export type { Execution } from './model';
export * as random from './random';
export * as summary from './summary';
export { variableScope } from './variable-scope';

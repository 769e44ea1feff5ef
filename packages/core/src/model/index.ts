export { type GetVariableOptions, getVariable } from './get-variable';
export { variableScope } from './variable-scope';
export * as random from './random';
export * as summary from './summary';

export { type GetVariableOptions, getVariable } from './get-variable';
export * as random from './random';
export * as summary from './summary';
export { variableScope } from './variable-scope';

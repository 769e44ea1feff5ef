export { type GetVariableOptions, getVariable } from './get-variable';
export { variableScope } from './model-call';
export * as random from './random';
export * as summary from './summary';

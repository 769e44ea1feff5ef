export {
  type Batch,
  Dataset,
  DatasetError,
  type InputSignature,
  type TensorSpec,
} from './dataset';
export * from './errors';
export * from './estimator';
export * as layers from './layers';
export type { Lazy } from './lazy';
export * as metrics from './metrics';
export { type GetVariableOptions, getVariable, random, summary, variableScope } from './model';
export * from './ports';
export {
  defineModelFn,
  EvaluationSpec,
  type MetricMap,
  type ModelFn,
  type OutputMap,
  PredictSpec,
  type Specs,
  TrainSpec,
} from './specs';

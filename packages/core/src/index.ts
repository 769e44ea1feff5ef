export {
  type BatchOptions,
  type Column,
  type Columns,
  Dataset,
  DatasetError,
  type GeneratorElement,
  type GeneratorFunction,
  type GeneratorOptions,
  type HostValue,
  type InputSignature,
  type ShapedArray,
  type ShuffleOptions,
  type TensorSpec,
  type TensorsOf,
} from './dataset';
export * from './errors';
export * from './estimator';
export {
  type ImprovementOptions,
  SaveTriggerError,
  saveEveryNSeconds,
  saveEveryNSteps,
  saveOnAnyOf,
  saveOnImprovement,
} from './events/save-triggers';
export * as layers from './layers';
export type { Lazy } from './lazy';
export {
  type Metric,
  type MetricConfig,
  MetricError,
  type MetricTotal,
  type MetricTotals,
} from './metrics';
export * as metrics from './metrics/functions';
export {
  type Execution,
  type GetVariableOptions,
  getVariable,
  random,
  summary,
  variableScope,
} from './model';
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

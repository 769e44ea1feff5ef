export {
  type Batch,
  type Batches,
  type BatchOptions,
  type Column,
  type Columns,
  Dataset,
  DatasetError,
  type GeneratorElement,
  type GeneratorFunction,
  type GeneratorOptions,
  type HostArray,
  type HostValue,
  type InputFn,
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
export type {
  Execution,
  ExecutorHost,
  StepContext,
  StepExecutor,
  StepExecutorFactory,
  StepResult,
} from './execution/step-executor';
export * as layers from './layers';
export type { Lazy } from './lazy';
export * as metrics from './metrics';
export {
  type Metric,
  type MetricConfig,
  MetricError,
  type MetricTotal,
  type MetricTotals,
} from './metrics/metric';
export type { HyperparameterName, Hyperparameters, StepScalars } from './model/hyperparameters';
export type { Model, ModelOptimizer, SeedPath, StepInputs, TrainingPosition } from './model/model';
export type { ModelState, VariableInfo } from './model/model-state';
export * from './ports';
export { type GetVariableOptions, getVariable, random, summary, variableScope } from './scope';
export {
  type AnyModelFn,
  defineModelFn,
  EvaluationSpec,
  type FeaturesOf,
  type MetricMap,
  type MetricsOf,
  type ModelFn,
  type OutputMap,
  type OutputsOf,
  type ParamsOf,
  type ParamsOption,
  PredictSpec,
  type Specs,
  TrainSpec,
} from './specs';

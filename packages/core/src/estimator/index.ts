export { Estimator } from './estimator';
export type { InputFn } from './input-source';
export { ModelGraph, type VariableDescription } from './model-graph';
export type {
  EstimatorOptions,
  EstimatorPorts,
  EvaluateOptions,
  PredictOptions,
  PredictRequestOptions,
  RestoreOptions,
  RunName,
  SetupOptions,
  TrainOptions,
  ValidateOptions,
} from './options';
export type { Predicted, Prediction, PredictionForm, TypedValues } from './predictions';
export type { EvaluationResult, FeatureInput, FeatureInputs } from './results';
export { Session } from './session';
export { TrainChain } from './train-chain';
export type { NanPolicy } from './train-round';
export { OptionError } from './validate-options';

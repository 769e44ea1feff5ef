export type { EstimatorPorts } from '../lifecycle/context';
export type { RunName } from '../lifecycle/run-logs';
export type { NanPolicy } from '../rounds/loss-monitor';
export type { PredictOptions } from '../rounds/predict';
export type { Predicted, Prediction, PredictionForm, TypedValues } from '../rounds/predictions';
export { Estimator } from './estimator';
export { ModelGraph } from './model-graph';
export type {
  EstimatorOptions,
  EvaluateOptions,
  PredictRequestOptions,
  RecoverOptions,
  RestoreCkptOptions,
  RestoreOptions,
  SaveCkptOptions,
  SetupOptions,
  TrainOptions,
  ValidateOptions,
} from './options';
export type { EvaluationResult, FeatureInput, FeatureInputs } from './results';
export { Session, type SessionFeeds } from './session';
export { TrainChain } from './train-chain';

export {
  MissingFeatureError,
  ModelDirInUseError,
  ModelFnError,
  NoCheckpointError,
  NonFiniteLossError,
  NotReadyError,
  OutsideModelFnError,
  PredictArgumentsError,
  StateError,
  UnknownFeatureError,
  VariableMismatchError,
} from './errors';
export { type Explanation, explain } from './explain';
export { ExplainedTypeError } from './explained-type-error';

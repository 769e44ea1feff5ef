export {
  ClosedHandleError,
  ConfigError,
  LibraryLoadError,
  OperationNotFoundError,
  TensorArgumentError,
  TensorflowError,
} from './errors';
export { type Explanation, explain } from './explain';

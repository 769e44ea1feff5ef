export {
  ArgumentError,
  assertArguments,
  checkAsyncMethods,
  checkedAsyncFunction,
  checkedFunction,
  checkMethods,
  describeArgument,
  type Kind,
  kinds,
  optional,
  options,
  type Parameter,
  type ParameterList,
  required,
  requiredOptions,
  rest,
} from './arguments';
export {
  ExplainedError,
  ExplainedRangeError,
  ExplainedTypeError,
  type Explanation,
  explain,
  reasonOf,
} from './errors';
export { didYouMean, listNames, nearNames } from './names';
export { assertKnownKeys } from './options';
export {
  asPathError,
  type DirectoryOperations,
  makeDirectory,
  makeDirectorySync,
  PathError,
  pathOf,
  systemCodeOf,
} from './paths';
export { Semaphore, SerialQueue } from './queues';
export { sameShape, sizeOf } from './shapes';
export { deepFreeze, hasNonFinite } from './values';

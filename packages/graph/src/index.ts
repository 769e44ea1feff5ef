export {
  FeedError,
  GraphFormatError,
  GraphMergeError,
  UnknownOperationError,
  VariableError,
} from './graph/errors';
export {
  type Fetched,
  type Fetches,
  type FetchOptions,
  Graph,
  type GraphOptions,
  type PlaceholderDescription,
  type RunOptions,
  type SignatureOptions,
  type SignatureResult,
  type VariableDescription,
} from './graph/graph';
export type { Operation } from './graph/operation';
export type * from './graph/types';
export { optimize } from './passes/optimize';
export { mixSeed, RANDOM_KERNEL, type RandomTensorOptions, randomTensor } from './random';
export { type RandomSource, seededRandomSource, withRandomSource } from './random/random-layers';
export type { Feeds } from './replay/feeds';
export type { VariableSource } from './replay/variables';
export { releaseGradientTape } from './tfjs-internals';
export {
  type InputSpec,
  type TensorTree,
  type TracedFunction,
  TraceError,
  type TraceErrorOptions,
  type TraceOptions,
  type TraceRefusal,
  trace,
} from './trace';

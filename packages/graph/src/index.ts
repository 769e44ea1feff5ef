export {
  type Fetched,
  type Fetches,
  type FetchOptions,
  Graph,
  type GraphOptions,
  type GraphPlaceholder,
  type GraphVariable,
  type RunOptions,
  type SignatureOptions,
  type SignatureResult,
} from './graph';
export { GraphFormatError, GraphMergeError, UnknownOperationError } from './ir/errors';
export type * from './ir/types';
export type { Operation } from './operation';
export { optimize } from './passes/optimize';
export { type RandomSource, seededRandomSource, withRandomSource } from './random/random-layers';
export {
  mixSeed,
  RANDOM_KERNEL,
  type RandomTensorOptions,
  randomTensor,
} from './random/random-tensor';
export {
  type ScanOptions,
  type ScanResult,
  type ScanStep,
  type ScanStepResult,
  scan,
} from './recurrence/scan';
export { FeedError, type Feeds } from './replay/feeds';
export { VariableError, type VariableSource } from './replay/variables';
export { releaseGradientTape } from './tfjs-internals';
export type { InputSpec } from './trace/inputs';
export type { TensorTree } from './trace/outputs';
export { type TraceOptions, trace } from './trace/trace';
export { TraceError, type TraceErrorKind, type TraceErrorOptions } from './trace/trace-error';
export type { TracedFunction } from './trace/tracer';

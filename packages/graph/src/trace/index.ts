export type { TensorTree } from './flatten-outputs';
export type { TracedFunction } from './session';
export type { InputSpec } from './synthetic-inputs';
export { type TraceOptions, trace } from './trace';
export { TraceError, type TraceErrorOptions, type TraceRefusal } from './trace-error';

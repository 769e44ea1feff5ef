export type { BatchOptions } from './batch';
export type { Batch } from './batch-of';
export { type BatchSource, batchSource } from './batch-source';
export { type Columns, Dataset, type TensorsOf } from './dataset';
export { DatasetError } from './dataset-error';
export type {
  GeneratorElement,
  GeneratorFunction,
  GeneratorOptions,
} from './generator';
export type { HostValue, ShapedArray } from './host-array-of';
export { checkBatch, signatureOf } from './input-signature';
export { inputTensors } from './input-tensors';
export type { ShuffleOptions } from './shuffle';
export type { Column } from './table';
export type { InputSignature, TensorSpec } from './tensor-spec';

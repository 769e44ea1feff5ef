export type { BatchOptions } from './batch';
export type { Batch } from './batch-of';
export { type BatchSource, type BatchSourceOptions, batchSource } from './batch-source';
export { type Columns, Dataset, type TensorsOf } from './dataset';
export { DatasetError } from './dataset-error';
export type { TensorContainer } from './element';
export type {
  GeneratorElement,
  GeneratorFunction,
  GeneratorOptions,
  GeneratorValue,
} from './generator';
export type { HostDType, StringArray } from './host-array';
export type { HostValue, ShapedArray } from './host-array-of';
export { checkBatch, signatureOf } from './input-signature';
export { type InputTensors, inputTensors } from './input-tensors';
export type { NestedArray } from './nested-array';
export type { NumericArray } from './numeric-array';
export type { ShuffleOptions } from './shuffle';
export type { Column } from './table';
export type { InputSignature, TensorSpec } from './tensor-spec';

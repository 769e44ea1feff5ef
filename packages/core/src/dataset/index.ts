export type { Batch } from './batch';
export type { BatchOptions } from './batching';
export { type Columns, Dataset, type TensorsOf } from './dataset';
export { DatasetError } from './errors';
export { batchOfFeatures } from './feature-batch';
export type { GeneratorElement, GeneratorFunction, GeneratorOptions } from './generator';
export type { HostArray, HostValue, ShapedArray } from './host-array';
export type { Batches, InputFn } from './input-fn';
export { type InputSignature, signatureOf, type TensorSpec } from './input-signature';
export {
  type BatchesOptions,
  type BatchStream,
  InputSource,
  type InputSourceOptions,
} from './input-source';
export type { ShuffleOptions } from './shuffle';
export type { Column } from './source';

export type { Event } from '@elistimator/protos';
export {
  CorruptEventFileError,
  EventWriteError,
  SummaryOptionError,
  SummaryValueError,
  WriterClosedError,
} from './errors';
export type { EventFile } from './event-file';
export { readEvents } from './read-events';
export { type ReadScalar, readScalars } from './read-scalars';
export type { SummaryWriterOptions } from './run';
export type { HistogramOptions } from './summaries/histogram';
export type { ImageOptions } from './summaries/image';
export type { SummaryOptions } from './summaries/metadata';
export type { ScalarPoint, SummaryRecorder } from './summary-recorder';
export { SummaryWriter } from './summary-writer';
export type { DeviceTensor, HostTensor, TensorLike } from './tensor-like';
export {
  type Logs,
  type TensorBoardCallback,
  type TensorBoardCallbackOptions,
  tensorBoardCallback,
  type WeightedModel,
} from './tensorboard-callback';

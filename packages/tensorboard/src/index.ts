export type { Event } from '@elistimator/protos';
export { CsvWriter } from './csv-writer';
export {
  CorruptEventFileError,
  EventWriteError,
  SummaryOptionError,
  SummaryValueError,
  WriterClosedError,
} from './errors';
export type { EventFile } from './event-file';
export type { FlushOptions } from './flush-limits';
export { JsonlWriter } from './jsonl-writer';
export type { LogFileOptions } from './log-file-options';
export { MultiWriter } from './multi-writer';
export { nullSummaryWriter, type SummaryWriterLike } from './null-summary-writer';
export { type ReadEventsOptions, readEvents } from './read-events';
export { type ReadScalar, readScalars } from './read-scalars';
export type { SummaryWriterOptions } from './run';
export type { AudioOptions } from './summaries/audio';
export type {
  ChartCategory,
  CustomChart,
  MarginSeries,
  TagPattern,
} from './summaries/custom-scalars';
export type { EmbeddingOptions } from './summaries/embedding';
export type { EmbeddingMetadata } from './summaries/embedding-metadata';
export type { FigureOptions } from './summaries/figure';
export type { HistogramOptions } from './summaries/histogram';
export type { HParamValue } from './summaries/hparam-value';
export type {
  HParam,
  HParamDomain,
  HParamsConfig,
  HParamsMetric,
} from './summaries/hparams-config';
export type { HParamsOptions, HParamsStatus } from './summaries/hparams-session';
export type { ImageOptions } from './summaries/image';
export type { MeshOptions } from './summaries/mesh';
export type { SummaryOptions } from './summaries/metadata';
export type { PrCurveOptions } from './summaries/pr-curve';
export type { ScalarPoint, SummaryRecorder } from './summary-recorder';
export type { SummarySink } from './summary-sink';
export { SummaryWriter } from './summary-writer';
export type { DeviceTensor, HostTensor, TensorLike } from './tensor-like';
export {
  type Logs,
  type TensorBoardCallback,
  type TensorBoardCallbackOptions,
  tensorBoardCallback,
  type WeightedModel,
} from './tensorboard-callback';

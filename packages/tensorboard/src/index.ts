export type { Event } from '@elistimator/protos';
export {
  CorruptEventFileError,
  EventWriteError,
  SummaryOptionError,
  SummaryValueError,
  WriterClosedError,
} from './errors';
export type { EventFile } from './files/event-file';
export type { FlushOptions } from './options';
export { type ReadEventsOptions, readEvents } from './reader/read-events';
export { type ReadScalar, readScalars } from './reader/read-scalars';
export { CsvWriter } from './sinks/csv-writer';
export { JsonlWriter } from './sinks/jsonl-writer';
export type { LogFileOptions } from './sinks/line-sink';
export { MultiWriter } from './sinks/multi-writer';
export type { ScalarPoint, SummarySink } from './sinks/summary-sink';
export type { AudioOptions } from './summaries/audio';
export type {
  ChartCategory,
  CustomChart,
  MarginSeries,
  TagPattern,
} from './summaries/custom-scalars';
export type { EmbeddingMetadata, EmbeddingOptions } from './summaries/embedding';
export type { FigureOptions } from './summaries/figure';
export type { HistogramOptions } from './summaries/histogram';
export type {
  HParam,
  HParamDomain,
  HParamsConfig,
  HParamsMetric,
} from './summaries/hparams-config';
export type { HParamValue } from './summaries/hparams-plugin';
export type { HParamsOptions, HParamsStatus } from './summaries/hparams-trial';
export type { ImageOptions } from './summaries/image';
export type { MeshOptions } from './summaries/mesh';
export type { PrCurveOptions } from './summaries/pr-curve';
export type { SummaryOptions } from './summaries/summary-value';
export type { DeviceTensor, HostTensor, TensorLike } from './tensor-like';
export {
  type Logs,
  type TensorBoardCallback,
  type TensorBoardCallbackOptions,
  tensorBoardCallback,
  type WeightedModel,
} from './tensorboard-callback';
export { nullSummaryWriter, type SummaryWriterLike } from './writer/null-summary-writer';
export type { SummaryWriterOptions } from './writer/run';
export { SummaryWriter } from './writer/summary-writer';

export { formatInterval, formatMeter, type MeterState } from './format-meter';
export {
  ProgressOptionError,
  SilentReporter,
  TqdmReporter,
  type TqdmReporterOptions,
  type TqdmTask,
} from './reporters';
export type { ProgressStream } from './terminal';

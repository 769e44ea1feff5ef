export { ProgressOptionError } from './errors';
export { formatInterval } from './format-interval';
export { formatMeter, type MeterState } from './format-meter';
export type { ProgressStream } from './guarded-stream';
export { SilentReporter } from './silent-reporter';
export { TqdmReporter, type TqdmReporterOptions, type TqdmTask } from './tqdm-reporter';

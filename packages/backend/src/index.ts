export type { BackendChoice, BackendOptions, GpuOptions } from './backend-options';
export type { BackendName, BackendReport, RejectedBackend, TfBackendName } from './backend-report';
export {
  BackendOptionError,
  BackendUnavailableError,
  UnsupportedBackendOptionError,
} from './errors';
export { useBackend } from './use-backend';

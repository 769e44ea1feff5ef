export type { BackendChoice, BackendOptions, GpuOptions } from './backend-options';
export type { BackendName, BackendReport, RejectedBackend, TfBackendName } from './backend-report';
export {
  type Advice,
  type BackendDiagnosis,
  type CudaFacts,
  type CudaLibrary,
  type DeviceFacts,
  type DiskFacts,
  type DoctorOptions,
  type DoctorReport,
  doctor,
  findDuplicateTfjs,
  formatDoctorReport,
  type LibtensorflowFacts,
  type PlatformFacts,
  type ProbeModel,
  type TfjsCopy,
  type TfjsFacts,
  type TfjsPackage,
  type TrainingProbe,
} from './doctor';
export {
  BackendOptionError,
  BackendUnavailableError,
  UnsupportedBackendOptionError,
} from './errors';
export { useBackend } from './use-backend';

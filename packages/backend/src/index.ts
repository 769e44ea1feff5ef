export {
  BackendOptionError,
  BackendUnavailableError,
  UnsupportedBackendOptionError,
} from './api/errors';
export type { BackendChoice, BackendOptions, GpuOptions } from './api/options';
export type { BackendName, BackendReport, RejectedBackend, TfBackendName } from './api/report';
export { type DoctorOptions, doctor } from './doctor/doctor';
export {
  type Advice,
  type BackendDiagnosis,
  type CudaFacts,
  type CudaLibrary,
  type DeviceFacts,
  type DiskFacts,
  type DoctorReport,
  formatDoctorReport,
  type LibtensorflowFacts,
  type PlatformFacts,
  type ProbeModel,
  type TfjsFacts,
  type TrainingProbe,
} from './doctor/report';
export { findDuplicateTfjs, type TfjsCopy, type TfjsPackage } from './doctor/tfjs-packages';
export { useBackend } from './use-backend';

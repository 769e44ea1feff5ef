export { type DoctorOptions, doctor } from './doctor';
export type {
  Advice,
  BackendDiagnosis,
  CudaFacts,
  CudaLibrary,
  DeviceFacts,
  DiskFacts,
  DoctorReport,
  LibtensorflowFacts,
  PlatformFacts,
  ProbeModel,
  TfjsFacts,
  TrainingProbe,
} from './doctor-report';
export { formatDoctorReport } from './format-report';
export type { TfjsPackage } from './tfjs-imports';
export { findDuplicateTfjs, type TfjsCopy } from './tfjs-packages';

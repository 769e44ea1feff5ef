import type { FoundLibtensorflow, Look } from '@elistimator/libtensorflow';
import type { BackendName, TfBackendName } from '../backend-report';
import type { TfjsPackage } from './tfjs-imports';
import type { TfjsCopy } from './tfjs-packages';

/** The Node that runs this, and the machine it runs on. */
export interface PlatformFacts {
  readonly node: string;
  /** Whether that Node is new enough for this package. */
  readonly nodeSupported: boolean;
  /** As `process.platform` names it. */
  readonly platform: string;
  /** As `process.arch` names it. */
  readonly arch: string;
  /** On Linux: `glibc 2.36`, or `musl`, for which no TensorFlow is built. */
  readonly libc?: string;
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** The copies of tfjs that the application and this package would import. */
export interface TfjsFacts {
  readonly packages: readonly TfjsPackage[];
  /** The copies of tfjs-core when there are several, which is a mistake; else empty. */
  readonly duplicates: readonly TfjsCopy[];
}

/** A device of TensorFlow's. */
export interface DeviceFacts {
  readonly name: string;
  /** `CPU`, `GPU` … */
  readonly type: string;
  readonly memoryBytes: number;
}

/** Where libtensorflow was searched, and what it says of itself once it is open. */
export interface LibtensorflowFacts {
  readonly found?: FoundLibtensorflow;
  readonly alternatives: readonly FoundLibtensorflow[];
  readonly looked: readonly Look[];
  /** Why there is none, or why the one found does not open. */
  readonly problem?: string;
  /** As the open library gives it. */
  readonly version?: string;
  readonly devices: readonly DeviceFacts[];
}

/** A CUDA library, and every file of it that a loader may find. */
export interface CudaLibrary {
  /** Such as `libcudnn`. */
  readonly name: string;
  readonly files: readonly string[];
}

/** What there is for an NVIDIA GPU. */
export interface CudaFacts {
  /** From `nvidia-smi`; left out when that does not run. */
  readonly driver?: { readonly version: string; readonly gpus: readonly string[] };
  readonly libraries: readonly CudaLibrary[];
}

/** A small net that is trained for a moment. */
export type ProbeModel = 'mlp' | 'cnn';

/** How a backend trained that net. A first impression, not a benchmark. */
export interface TrainingProbe {
  readonly model: ProbeModel;
  readonly stepsPerSecond: number;
  /** The loss of the first step and of the last. */
  readonly losses: readonly [number, number];
}

/** One backend, tried in a process of its own. */
export interface BackendDiagnosis {
  readonly name: BackendName;
  readonly tfBackend: TfBackendName;
  /** Whether it started. */
  readonly starts: boolean;
  /** Whether it trained every net. */
  readonly trains: boolean;
  /** Why it does not start or not train. */
  readonly problem?: string;
  /** Of libtensorflow, or of the npm package that implements it. */
  readonly version?: string;
  /** Whether its kernels run on a GPU. */
  readonly gpu: boolean;
  /**
   * Kernels that it lacks, of those that all layers, losses, metrics and optimizers of tfjs need: what uses
   * one of them fails there, and the rest trains.
   */
  readonly missingKernels: readonly string[];
  readonly probes: readonly TrainingProbe[];
}

/** Free space of a file system. */
export interface DiskFacts {
  readonly use: 'working directory' | 'temporary files';
  readonly directory: string;
  /** Bytes that this user may take. */
  readonly freeBytes: number;
}

/** What to do. */
export interface Advice {
  readonly text: string;
  /** To run in a shell, where a command does it. */
  readonly command?: string;
}

/** Everything that was found out; what `elistimator doctor --json` prints. */
export interface DoctorReport {
  /** Rises when a key changes its meaning or goes. Keys may be added. */
  readonly schema: 1;
  /** Whether some backend trains. */
  readonly trains: boolean;
  readonly platform: PlatformFacts;
  readonly tfjs: TfjsFacts;
  /** In the order in which `auto` tries them. */
  readonly backends: readonly BackendDiagnosis[];
  readonly libtensorflow: LibtensorflowFacts;
  readonly cuda: CudaFacts;
  readonly disk: readonly DiskFacts[];
  readonly advice: readonly Advice[];
}

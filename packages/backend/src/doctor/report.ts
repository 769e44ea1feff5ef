import { checkedFunction, kinds, required } from '@elistimator/internal';
import type { FoundLibtensorflow, SearchAttempt } from '@elistimator/libtensorflow';
import type { BackendName, TfBackendName } from '../api/report';
import type { TfjsCopy, TfjsPackage } from './tfjs-packages';

/** The running Node, and the machine. */
export interface PlatformFacts {
  /** Version of Node, without a leading `v`. */
  readonly node: string;
  /** True if this package supports that version. */
  readonly nodeSupported: boolean;
  /** The value of `process.platform`. */
  readonly platform: string;
  /** The value of `process.arch`. */
  readonly arch: string;
  /** On Linux: `glibc 2.36`, or `musl`, for which there is no build of TensorFlow. */
  readonly libc?: string;
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** The copies of tfjs that the application and this package import. */
export interface TfjsFacts {
  readonly packages: readonly TfjsPackage[];
  /** The copies of tfjs-core if there are several, which breaks tfjs; otherwise empty. */
  readonly duplicates: readonly TfjsCopy[];
}

/** A device that TensorFlow can use. */
export interface DeviceFacts {
  readonly name: string;
  /** `CPU`, `GPU` … */
  readonly type: string;
  readonly memoryBytes: number;
}

/** The search for libtensorflow, and properties of the one found. */
export interface LibtensorflowFacts {
  readonly found?: FoundLibtensorflow;
  readonly alternatives: readonly FoundLibtensorflow[];
  readonly looked: readonly SearchAttempt[];
  /** Why none was found, or why the one found doesn't open. */
  readonly problem?: string;
  /** The version that the opened library reports. */
  readonly version?: string;
  readonly devices: readonly DeviceFacts[];
}

/** A CUDA library, and its files in the places where the loader may find them. */
export interface CudaLibrary {
  /** Such as `libcudnn`. */
  readonly name: string;
  readonly files: readonly string[];
}

/** The software for NVIDIA GPUs. */
export interface CudaFacts {
  /** From `nvidia-smi`; left out if that fails. */
  readonly driver?: { readonly version: string; readonly gpus: readonly string[] };
  readonly libraries: readonly CudaLibrary[];
}

/** A small model that a probe trains. */
export type ProbeModel = 'mlp' | 'cnn';

/** The training of a {@link ProbeModel}. A rough measurement, not a benchmark. */
export interface TrainingProbe {
  readonly model: ProbeModel;
  readonly stepsPerSecond: number;
  /** The loss of the first step and of the last. */
  readonly losses: readonly [number, number];
}

/** The result of probing a backend in a separate process. */
export interface BackendDiagnosis {
  readonly name: BackendName;
  readonly tfBackend: TfBackendName;
  /** True if it started. */
  readonly starts: boolean;
  /** True if it trained every {@link ProbeModel}. */
  readonly trains: boolean;
  /** Why it doesn't start or train. */
  readonly problem?: string;
  /** Version of TensorFlow, or of the npm package that implements the backend. */
  readonly version?: string;
  /** True if its kernels run on a GPU. */
  readonly gpu: boolean;
  /**
   * Kernels that it lacks, among those of tfjs's layers, losses, metrics and optimizers. Code that
   * uses one of them throws on this backend.
   */
  readonly missingKernels: readonly string[];
  readonly probes: readonly TrainingProbe[];
}

/** Free space of a file system. */
export interface DiskFacts {
  readonly use: 'working directory' | 'temporary files';
  readonly directory: string;
  /** Bytes available to this user. */
  readonly freeBytes: number;
}

/** A recommendation. */
export interface Advice {
  readonly text: string;
  /** A shell command, if there is one that helps. */
  readonly command?: string;
}

/** The result of `doctor()`. `elistimator doctor --json` prints it. */
export interface DoctorReport {
  /** Increases when a key changes its meaning or is removed. Keys may be added. */
  readonly schema: 1;
  /** True if at least one backend trains. */
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

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

const section = (title: string, lines: readonly string[]): string =>
  [title, ...lines.map((line) => `  ${line}`)].join('\n');

/** Aligns two columns. */
const table = (rows: readonly (readonly [string, string])[]): string[] => {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`.trimEnd());
};

const platformLines = (facts: PlatformFacts): string[] => [
  `Node ${facts.node} on ${[facts.platform, facts.arch, facts.libc].filter(Boolean).join(' ')}`,
  `${facts.cpus} CPUs, ${gibibytes(facts.memoryBytes)} of memory`,
];

const tfjsLines = ({ packages, duplicates }: TfjsFacts): string[] => [
  ...table(packages.map(({ name, version }) => [name, version])),
  ...duplicates.map(
    ({ version, directory, usedBy }) =>
      `WARNING: one of several copies of tfjs-core: ${version} in ${directory}, used by ${usedBy.join(', ')}`,
  ),
];

const formatRate = (rate: number): string => (rate < 1000 ? rate.toPrecision(3) : rate.toFixed(0));

const speeds = ({ probes }: BackendDiagnosis): string =>
  probes
    .map(({ model, stepsPerSecond }) => `${model} ${formatRate(stepsPerSecond)} steps/s`)
    .join(', ');

const missingKernelsNote = ({ missingKernels }: BackendDiagnosis): string =>
  missingKernels.length === 0 ? '' : `; missing kernels: ${missingKernels.join(', ')}`;

const verdict = (diagnosis: BackendDiagnosis): string => {
  const { starts, trains, version, gpu, problem } = diagnosis;
  const details = [version, starts ? (gpu ? 'on the GPU' : 'on the CPU') : undefined]
    .filter(Boolean)
    .join(', ');
  if (trains) return `trains (${details}): ${speeds(diagnosis)}${missingKernelsNote(diagnosis)}`;
  const status = starts ? `does not train (${details})` : 'not usable';
  return `${status}: ${problem ?? 'no reason given'}`;
};

/** Leaves out a CPU's memory, for which TensorFlow reports a constant. */
const deviceLine = ({ type, name, memoryBytes }: DeviceFacts): string =>
  type === 'CPU' ? name : `${name}, ${gibibytes(memoryBytes)}`;

const libtensorflowLines = (facts: LibtensorflowFacts): string[] => {
  const { found, alternatives, looked, problem, version, devices } = facts;
  return [
    found === undefined
      ? 'not found'
      : `${version ?? found.version ?? 'unknown version'}: ${found.path}`,
    ...(problem === undefined ? [] : [`PROBLEM: ${problem}`]),
    ...devices.map(deviceLine),
    ...alternatives.map(({ path }) => `also ${path}`),
    ...(looked.length === 0 ? [] : ['searched:']),
    ...table(looked.map(({ place, outcome }) => [`  ${place}`, outcome])),
  ];
};

const cudaLines = ({ driver, libraries }: CudaFacts): string[] => [
  driver === undefined
    ? 'no NVIDIA driver: nvidia-smi does not run'
    : `driver ${driver.version}: ${driver.gpus.join(', ')}`,
  ...table(
    libraries.map(({ name, files }) => [name, files.length === 0 ? 'not found' : files.join(', ')]),
  ),
];

const format = (report: DoctorReport): string =>
  [
    section('Platform', platformLines(report.platform)),
    section('TensorFlow.js', tfjsLines(report.tfjs)),
    section(
      'Backends, in the order in which auto tries them',
      table(report.backends.map((backend) => [backend.name, verdict(backend)])),
    ),
    section('libtensorflow', libtensorflowLines(report.libtensorflow)),
    section('CUDA', cudaLines(report.cuda)),
    section(
      'Free disk space',
      report.disk.map(
        ({ use, directory, freeBytes }) => `${gibibytes(freeBytes)} for the ${use}, ${directory}`,
      ),
    ),
    section(
      'Advice',
      report.advice.length === 0
        ? ['Nothing to do.']
        : report.advice.flatMap(({ text, command }) => [
            text,
            ...(command === undefined ? [] : [`  ${command}`]),
          ]),
    ),
  ].join('\n\n');

/** Formats the report as plain text, one fact per line. */
export const formatDoctorReport = checkedFunction(
  'formatDoctorReport()',
  { report: required(kinds.object) },
  format,
);

import type {
  BackendDiagnosis,
  CudaFacts,
  DeviceFacts,
  DoctorReport,
  LibtensorflowFacts,
  PlatformFacts,
  TfjsFacts,
} from './doctor-report';

const gibibytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

const section = (title: string, lines: readonly string[]): string =>
  [title, ...lines.map((line) => `  ${line}`)].join('\n');

/** Two columns, the first as wide as its widest cell. */
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
      `WARNING: one of several tfjs-core: ${version} in ${directory}, for ${usedBy.join(', ')}`,
  ),
];

/** Three figures, or all those before the point. */
const rate = (value: number): string => (value < 1000 ? value.toPrecision(3) : value.toFixed(0));

const speeds = ({ probes }: BackendDiagnosis): string =>
  probes.map(({ model, stepsPerSecond }) => `${model} ${rate(stepsPerSecond)} steps/s`).join(', ');

const lacks = ({ missingKernels }: BackendDiagnosis): string =>
  missingKernels.length === 0 ? '' : `; without the kernels ${missingKernels.join(', ')}`;

const verdict = (diagnosis: BackendDiagnosis): string => {
  const { starts, trains, version, gpu, problem } = diagnosis;
  const what = [version, starts ? (gpu ? 'on the GPU' : 'on the CPU') : undefined]
    .filter(Boolean)
    .join(', ');
  if (trains) return `trains (${what}): ${speeds(diagnosis)}${lacks(diagnosis)}`;
  return `${starts ? `does not train (${what})` : 'not usable'}: ${problem ?? 'no reason given'}`;
};

/** TensorFlow gives a made-up amount of memory for the CPU. */
const deviceLine = ({ type, name, memoryBytes }: DeviceFacts): string =>
  type === 'CPU' ? name : `${name}, ${gibibytes(memoryBytes)}`;

const libtensorflowLines = (facts: LibtensorflowFacts): string[] => {
  const { found, alternatives, looked, problem, version, devices } = facts;
  return [
    found === undefined
      ? 'none found'
      : `${version ?? found.version ?? 'unknown version'}: ${found.path}`,
    ...(problem === undefined ? [] : [`PROBLEM: ${problem}`]),
    ...devices.map(deviceLine),
    ...alternatives.map(({ path }) => `also ${path}`),
    ...(looked.length === 0 ? [] : ['looked at:']),
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

/** The report as text for a person: no colours, one fact a line. */
export const formatDoctorReport = (report: DoctorReport): string =>
  [
    section('Platform', platformLines(report.platform)),
    section('TensorFlow.js', tfjsLines(report.tfjs)),
    section(
      'Backends, in the order of auto',
      table(report.backends.map((each) => [each.name, verdict(each)])),
    ),
    section('libtensorflow', libtensorflowLines(report.libtensorflow)),
    section('CUDA', cudaLines(report.cuda)),
    section(
      'Free disk',
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

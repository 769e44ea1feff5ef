import { installCommand } from '@elistimator/libtensorflow';
import { minimumNode } from './machine';
import type { Advice, DoctorReport } from './report';

export type Findings = Omit<DoctorReport, 'advice'>;

/** Threshold of the low-disk warning, in bytes. Checkpoints need more. */
const LOW_DISK_BYTES = 2 ** 30;

const tfjsVersion = ({ tfjs }: Findings): string =>
  tfjs.packages.find(({ name }) => name === '@tensorflow/tfjs')?.version ?? '4';

const hasPackage = ({ tfjs }: Findings, name: string): boolean =>
  tfjs.packages.some((tfjsPackage) => tfjsPackage.name === name);

const nodeAdvice = ({ platform }: Findings): Advice[] =>
  platform.nodeSupported
    ? []
    : [{ text: `Node ${platform.node} is too old. Install Node ${minimumNode} or newer.` }];

const duplicatesAdvice = ({ tfjs }: Findings): Advice[] => {
  const { duplicates } = tfjs;
  if (duplicates.length === 0) return [];
  const versions = new Set(duplicates.map(({ version }) => version));
  const problem = `There are ${duplicates.length} copies of tfjs-core, which don't share backends and tensors.`;
  return versions.size === 1
    ? [{ text: problem, command: 'npm dedupe' }]
    : [
        {
          text: `${problem} Make all packages depend on the same version. To list the versions:`,
          command: 'npm ls @tensorflow/tfjs-core',
        },
      ];
};

/** The commands that install TensorFlow for tfjs, as far as it is missing. */
const tensorflowCommand = (findings: Findings, cuda: boolean): string => {
  const { platform, arch } = findings.platform;
  const kernels =
    hasPackage(findings, '@tensorflow/tfjs-node') ||
    hasPackage(findings, '@tensorflow/tfjs-node-gpu')
      ? []
      : [`npm install --ignore-scripts @tensorflow/tfjs-node@${tfjsVersion(findings)}`];
  const { found } = findings.libtensorflow;
  const library =
    found === undefined || (cuda && found.cuda !== true)
      ? [installCommand({ platform: platform as NodeJS.Platform, arch, cuda })]
      : [];
  return [...kernels, ...library].join(' && ');
};

/**
 * True if the environment variable names a path without a usable library. Nothing else is searched
 * then.
 */
const hasWrongPath = ({ libtensorflow: { found, problem } }: Findings): boolean =>
  problem !== undefined && (found === undefined || found.source === 'environment');

const wrongPathAdvice = (findings: Findings): Advice[] =>
  hasWrongPath(findings)
    ? [
        {
          text: 'ELISTIMATOR_LIBTENSORFLOW does not name a usable library. Correct it, or unset it to search this machine:',
          command: 'unset ELISTIMATOR_LIBTENSORFLOW',
        },
      ]
    : [];

const tensorflowAdvice = (findings: Findings): Advice[] => {
  if (hasWrongPath(findings)) return [];
  const { platform, backends, cuda } = findings;
  if (backends.some(({ trains, tfBackend, gpu }) => trains && tfBackend === 'tensorflow' && gpu)) {
    return [];
  }
  const cpuBackend = backends.find(({ trains, tfBackend }) => trains && tfBackend === 'tensorflow');
  if (platform.libc === 'musl') {
    return [{ text: 'TensorFlow needs glibc. Use an image of Debian or Ubuntu.' }];
  }
  const supported = platform.platform === 'linux' || platform.platform === 'darwin';
  const wantsGpu = cuda.driver !== undefined && supported;
  if (cpuBackend !== undefined && !wantsGpu) return [];
  if (!supported) {
    return [
      {
        text: 'TensorFlow uses every core, wasm only one. On this platform, install it with tfjs-node:',
        command: `npm install @tensorflow/tfjs-node@${tfjsVersion(findings)}`,
      },
    ];
  }
  const command = tensorflowCommand(findings, wantsGpu);
  if (command === '') return [unusableAdvice(findings, wantsGpu)];
  return [
    {
      text: wantsGpu
        ? `No backend uses the GPU (${cuda.driver?.gpus.join(', ')}). To install TensorFlow with CUDA:`
        : 'TensorFlow uses every core, wasm only one. To install it:',
      command,
    },
  ];
};

/** For a TensorFlow that is installed, but doesn't run, or doesn't use the GPU. */
const unusableAdvice = ({ backends, cuda, libtensorflow }: Findings, wantsGpu: boolean): Advice => {
  const problem =
    libtensorflow.problem ?? backends.find(({ name }) => name === 'libtensorflow')?.problem;
  if (problem !== undefined)
    return { text: `libtensorflow is installed, but not usable: ${problem}` };
  const missing = cuda.libraries.filter(({ files }) => files.length === 0).map(({ name }) => name);
  if (wantsGpu && missing.length > 0) {
    return {
      text: `TensorFlow can't use the GPU without ${missing.join(', ')}. To install them:`,
      command: installCommand({ cuda: true }),
    };
  }
  return { text: 'TensorFlow found no GPU. Set TF_CPP_MIN_LOG_LEVEL=0 to see the reason.' };
};

const diskAdvice = ({ disk }: Findings): Advice[] =>
  disk
    .filter(({ freeBytes }) => freeBytes < LOW_DISK_BYTES)
    .map(({ use, directory, freeBytes }) => ({
      text: `The disk of the ${use}, ${directory}, has ${Math.floor(freeBytes / 2 ** 20)} MiB left. Free some space for checkpoints.`,
    }));

const noBackendAdvice = ({ backends }: Findings): Advice[] =>
  backends.some(({ trains }) => trains)
    ? []
    : [
        {
          text: 'No backend trains. Reinstall this package and tfjs:',
          command: 'npm install @tensorflow/tfjs elistimator',
        },
      ];

/** Derives recommendations from the findings, most urgent first. */
export const adviceFor = (findings: Findings): Advice[] =>
  [
    nodeAdvice,
    noBackendAdvice,
    duplicatesAdvice,
    wrongPathAdvice,
    tensorflowAdvice,
    diskAdvice,
  ].flatMap((rule) => rule(findings));

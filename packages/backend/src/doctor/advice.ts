import { installCommand } from '@elistimator/libtensorflow';
import type { Advice, DoctorReport } from './doctor-report';
import { minimumNode } from './machine/platform';

/** What advice is drawn from. */
export type Findings = Omit<DoctorReport, 'advice'>;

/** Below this, checkpoints of a middling model fill the disk soon. */
const littleDisk = 2 ** 30;

const tfjsVersion = ({ tfjs }: Findings): string =>
  tfjs.packages.find(({ name }) => name === '@tensorflow/tfjs')?.version ?? '4';

const hasPackage = ({ tfjs }: Findings, name: string): boolean =>
  tfjs.packages.some((each) => each.name === name);

const onNode = ({ platform }: Findings): Advice[] =>
  platform.nodeSupported
    ? []
    : [{ text: `Node ${platform.node} is too old: ${minimumNode} or newer is needed.` }];

const onDuplicates = ({ tfjs }: Findings): Advice[] => {
  const { duplicates } = tfjs;
  if (duplicates.length === 0) return [];
  const versions = new Set(duplicates.map(({ version }) => version));
  const why = `There are ${duplicates.length} copies of tfjs-core, and backends and tensors of one are unknown to the other.`;
  return versions.size === 1
    ? [{ text: why, command: 'npm dedupe' }]
    : [
        {
          text: `${why} Let every package ask for the same version; this shows who asks for which:`,
          command: 'npm ls @tensorflow/tfjs-core',
        },
      ];
};

/** The commands that make TensorFlow itself available, on a machine where it can be. */
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

/** Whether the environment names a library, which hides every other, and it is none. */
const isWronglyNamed = ({ libtensorflow: { found, problem } }: Findings): boolean =>
  problem !== undefined && (found === undefined || found.source === 'environment');

const onWrongName = (findings: Findings): Advice[] =>
  isWronglyNamed(findings)
    ? [
        {
          text: 'ELISTIMATOR_LIBTENSORFLOW names no library that opens. Correct it, or have this machine searched:',
          command: 'unset ELISTIMATOR_LIBTENSORFLOW',
        },
      ]
    : [];

const onTensorflow = (findings: Findings): Advice[] => {
  if (isWronglyNamed(findings)) return [];
  const { platform, backends, cuda } = findings;
  if (backends.some(({ trains, tfBackend, gpu }) => trains && tfBackend === 'tensorflow' && gpu)) {
    return [];
  }
  const onCpu = backends.find(({ trains, tfBackend }) => trains && tfBackend === 'tensorflow');
  if (platform.libc === 'musl') {
    return [
      { text: 'TensorFlow is built for glibc only; use an image of Debian or Ubuntu for it.' },
    ];
  }
  const supported = platform.platform === 'linux' || platform.platform === 'darwin';
  const wantsGpu = cuda.driver !== undefined && supported;
  if (onCpu !== undefined && !wantsGpu) return [];
  if (!supported) {
    return [
      {
        text: 'TensorFlow uses every core, where wasm uses one; here it comes with tfjs-node only:',
        command: `npm install @tensorflow/tfjs-node@${tfjsVersion(findings)}`,
      },
    ];
  }
  const command = tensorflowCommand(findings, wantsGpu);
  if (command === '') return [onUnusable(findings, wantsGpu)];
  return [
    {
      text: wantsGpu
        ? `There is a GPU, ${cuda.driver?.gpus.join(', ')}, and nothing that uses it:`
        : 'TensorFlow uses every core, where wasm uses one:',
      command,
    },
  ];
};

/** Everything is installed, and yet it does not run, or not on the GPU. */
const onUnusable = ({ backends, cuda, libtensorflow }: Findings, wantsGpu: boolean): Advice => {
  const problem =
    libtensorflow.problem ?? backends.find(({ name }) => name === 'libtensorflow')?.problem;
  if (problem !== undefined) return { text: `libtensorflow is installed, but: ${problem}` };
  const missing = cuda.libraries.filter(({ files }) => files.length === 0).map(({ name }) => name);
  if (wantsGpu && missing.length > 0) {
    return {
      text: `TensorFlow uses no GPU without ${missing.join(', ')}:`,
      command: installCommand({ cuda: true }),
    };
  }
  return { text: 'TensorFlow found no GPU; TF_CPP_MIN_LOG_LEVEL=0 lets it say why.' };
};

const onDisk = ({ disk }: Findings): Advice[] =>
  disk
    .filter(({ freeBytes }) => freeBytes < littleDisk)
    .map(({ use, directory, freeBytes }) => ({
      text: `The disk of the ${use}, ${directory}, has ${Math.floor(freeBytes / 2 ** 20)} MiB left; checkpoints need more.`,
    }));

const onNothing = ({ backends }: Findings): Advice[] =>
  backends.some(({ trains }) => trains)
    ? []
    : [
        {
          text: 'No backend trains. Install this package and tfjs anew:',
          command: 'npm install @tensorflow/tfjs elistimator',
        },
      ];

/** What to do about what was found, most urgent first; nothing when all is well. */
export const adviceFor = (findings: Findings): Advice[] =>
  [onNode, onNothing, onDuplicates, onWrongName, onTensorflow, onDisk].flatMap((rule) =>
    rule(findings),
  );

import { checkedAsyncFunction, kinds, options } from '@elistimator/internal';
import { findLibtensorflow, LibtensorflowNotFoundError } from '@elistimator/libtensorflow';
import { candidates } from '../candidates';
import { adviceFor } from './advice';
import { cudaFacts, diskFacts, platformFacts } from './machine';
import {
  type ProbeMessage,
  type ProbeResult,
  type ProbeSettings,
  runProbe,
} from './probe/run-probe';
import type { BackendDiagnosis, DoctorReport, LibtensorflowFacts } from './report';
import { findDuplicateTfjs, findTfjsPackages } from './tfjs-packages';

/** Options of `doctor()`. */
export interface DoctorOptions {
  /** The application's directory. Default: the working directory. */
  readonly cwd?: string;
  /** Environment variables. Default: those of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Time limit for each backend, in milliseconds. Default: 60,000. */
  readonly timeLimitMs?: number;
  /** Called before each examination with its subject, such as `backend wasm`. */
  readonly onProgress?: (subject: string) => void;
}

type MessageOf<K extends ProbeMessage['kind']> = Extract<ProbeMessage, { kind: K }>;

const ofKind = <K extends ProbeMessage['kind']>(
  messages: readonly ProbeMessage[],
  kind: K,
): MessageOf<K>[] => messages.filter((message): message is MessageOf<K> => message.kind === kind);

const stageOf = (messages: readonly ProbeMessage[]): string => {
  const last = messages.at(-1);
  if (last === undefined) return 'while it started';
  return last.kind === 'training' ? `while it trained the ${last.model}` : `after it ${last.kind}`;
};

const firstProblem = ({ messages, problem }: ProbeResult): string | undefined => {
  const [refused] = ofKind(messages, 'refused');
  if (refused) return refused.reason;
  if (problem !== undefined) return `${problem} (${stageOf(messages)})`;
  const [failed] = ofKind(messages, 'failed');
  return failed && `it can't train the ${failed.model}: ${failed.reason}`;
};

export const diagnose = (
  { name, tfBackend }: Pick<BackendDiagnosis, 'name' | 'tfBackend'>,
  result: ProbeResult,
): BackendDiagnosis => {
  const { messages } = result;
  const [started] = ofKind(messages, 'started');
  const problem = firstProblem(result);
  return {
    name,
    tfBackend,
    starts: started !== undefined,
    trains: started !== undefined && problem === undefined,
    ...(problem === undefined ? {} : { problem }),
    ...(started?.version === undefined ? {} : { version: started.version }),
    gpu: started?.gpu ?? false,
    missingKernels: ofKind(messages, 'kernels').flatMap(({ missing }) => missing),
    probes: ofKind(messages, 'trained').map(({ probe }) => probe),
  };
};

export const libraryFacts = (
  result: ProbeResult,
): Pick<LibtensorflowFacts, 'version' | 'devices' | 'problem'> => {
  const [library] = ofKind(result.messages, 'library');
  const [refused] = ofKind(result.messages, 'refused');
  const problem = refused?.reason ?? result.problem;
  return {
    ...(library === undefined ? {} : { version: library.version }),
    devices: library?.devices ?? [],
    ...(problem === undefined ? {} : { problem }),
  };
};

/** Searches for libtensorflow, and opens what it finds in a separate process. */
export const libtensorflowFacts = async (settings: ProbeSettings): Promise<LibtensorflowFacts> => {
  const { cwd, env } = settings;
  try {
    const { attempts: looked, ...report } = await findLibtensorflow({ cwd, env, all: true });
    const { found } = report;
    if (found === undefined) return { ...report, looked, devices: [] };
    const facts = libraryFacts(await runProbe(['library', found.path], settings));
    return { ...report, looked, ...facts };
  } catch (error) {
    // Thrown if the environment variable names a path without a library.
    if (!(error instanceof LibtensorflowNotFoundError)) throw error;
    return { alternatives: [], looked: error.attempts, devices: [], problem: error.message };
  }
};

/** Probes one backend at a time, so that measurements don't disturb each other. */
const diagnoseAll = async (
  settings: ProbeSettings,
  onProgress: (subject: string) => void,
): Promise<BackendDiagnosis[]> => {
  const diagnoses: BackendDiagnosis[] = [];
  for (const candidate of candidates) {
    onProgress(`backend ${candidate.name}`);
    diagnoses.push(diagnose(candidate, await runProbe(['backend', candidate.name], settings)));
  }
  return diagnoses;
};

const examine = async ({
  cwd = process.cwd(),
  env = process.env,
  timeLimitMs = 60_000,
  onProgress = () => undefined,
}: DoctorOptions = {}): Promise<DoctorReport> => {
  const settings: ProbeSettings = { cwd, env, timeLimitMs };
  onProgress('libtensorflow');
  const libtensorflow = await libtensorflowFacts(settings);
  const cuda = await cudaFacts({ env, libtensorflow: libtensorflow.found?.path });
  const backends = await diagnoseAll(settings, onProgress);
  const findings = {
    schema: 1,
    trains: backends.some(({ trains }) => trains),
    platform: platformFacts(),
    tfjs: { packages: findTfjsPackages(cwd), duplicates: findDuplicateTfjs(cwd) },
    backends,
    libtensorflow,
    cuda,
    disk: await diskFacts(cwd),
  } as const;
  return { ...findings, advice: adviceFor(findings) };
};

/**
 * Examines which backends can train on this machine, why the others can't, and how to improve it.
 *
 * Each backend starts and trains two small models in a separate process. The current process is not
 * affected, and a native library that crashes becomes part of the report.
 *
 * @returns the findings. Problems are reported, not thrown.
 */
export const doctor = checkedAsyncFunction(
  'doctor()',
  {
    options: options<DoctorOptions>({
      cwd: kinds.string,
      env: kinds.object,
      timeLimitMs: kinds.finiteNumber,
      onProgress: kinds.callback,
    }),
  },
  examine,
);

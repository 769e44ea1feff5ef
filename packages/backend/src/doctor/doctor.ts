import { candidates } from '../candidates';
import { adviceFor } from './advice';
import { diagnose } from './diagnose';
import type { BackendDiagnosis, DoctorReport } from './doctor-report';
import { libtensorflowFacts } from './libtensorflow-facts';
import { cudaFacts } from './machine/cuda';
import { diskFacts } from './machine/disk';
import { platformFacts } from './machine/platform';
import { type ProbeSettings, runProbe } from './probe/run-probe';
import { findDuplicateTfjs, findTfjsPackages } from './tfjs-packages';

/** What `doctor()` takes. */
export interface DoctorOptions {
  /** The application's directory; the working directory when left out. */
  readonly cwd?: string;
  /** Environment variables; this process's when left out. */
  readonly env?: NodeJS.ProcessEnv;
  /** Milliseconds that each backend may take. One minute when left out. */
  readonly timeLimitMs?: number;
  /** Hears what is looked at next, such as `backend wasm`. */
  readonly onProgress?: (subject: string) => void;
}

/** One after the other, so that they don't slow each other down. */
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

/**
 * Finds out what this machine can train with, why not with the rest, and what to do about it.
 *
 * Each backend starts and trains two small nets in a process of its own, so this process stays as it
 * was, and a native library that crashes is a finding.
 *
 * @returns what was found. What does not work is in the report; nothing of it is thrown.
 */
export const doctor = async ({
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

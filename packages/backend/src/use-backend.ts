import * as tf from '@tensorflow/tfjs';
import {
  type BackendOptions,
  checkBackendOptions,
  givenOptions,
  isGpuOption,
  type OptionPath,
} from './backend-options';
import type { BackendReport, RejectedBackend } from './backend-report';
import { type Candidate, candidates, type StartedBackend } from './candidates';
import { findDuplicateTfjs } from './doctor/tfjs-packages';
import { BackendUnavailableError, UnsupportedBackendOptionError } from './errors';
import { registerTrainingGradients } from './gradients';
import { summarize } from './summary';

/** What the last call chose; the process has one backend, so there is one of these. */
let current: { readonly options: string; readonly report: BackendReport } | undefined;

/** Calls run one after the other: two at once would switch the backend under each other. */
let queue: Promise<unknown> = Promise.resolve();

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const unsupported = (
  path: OptionPath,
  candidate: Candidate,
  options: BackendOptions,
  why?: string,
) =>
  new UnsupportedBackendOptionError(
    path,
    candidate.name,
    candidates
      .filter((other) => other.name !== candidate.name && other.honours(path, options))
      .filter((other) => !isGpuOption(path) || other.mayUseGpu)
      .map(({ name }) => name),
    why,
  );

/** Looked for once, since what is installed stays so while a process runs. */
let warnings: readonly string[] | undefined;

/** Two copies of tfjs-core do not know of each other's backends and tensors. */
const duplicateWarnings = (): readonly string[] => {
  if (warnings !== undefined) return warnings;
  const copies = findDuplicateTfjs().map(
    ({ version, directory, usedBy }) => `${version} in ${directory} for ${usedBy.join(' and ')}`,
  );
  warnings =
    copies.length === 0
      ? []
      : [`${copies.length} copies of @tensorflow/tfjs-core: ${copies.join(', ')}; run npm dedupe`];
  return warnings;
};

const reportOf = (
  { name, tfBackend }: Candidate,
  { version, gpu }: StartedBackend,
  rejected: readonly RejectedBackend[],
  unused: readonly OptionPath[],
): BackendReport => {
  const facts = {
    name,
    tfBackend,
    ...(version === undefined ? {} : { version }),
    gpu,
    rejected,
    unused,
    warnings: duplicateWarnings(),
  };
  return { ...facts, summary: summarize(facts) };
};

/** Starts a candidate that was asked for by name; everything asked for has to hold. */
const startExplicitly = async (
  candidate: Candidate,
  options: BackendOptions,
): Promise<BackendReport> => {
  const given = givenOptions(options);
  const lacking = given.find((path) => !candidate.honours(path, options));
  if (lacking) throw unsupported(lacking, candidate, options);
  const started = await candidate.start(options).catch((cause: unknown) => {
    throw new BackendUnavailableError(
      {
        subject: `backend '${candidate.name}'`,
        expected: 'it to start',
        actual: reasonOf(cause),
        fix: "Mend that, or leave the choice to backend: 'auto'.",
      },
      [{ name: candidate.name, reason: reasonOf(cause) }],
      { cause },
    );
  });
  const idle = started.gpu ? undefined : given.find(isGpuOption);
  if (idle) throw unsupported(idle, candidate, options, 'TensorFlow found no GPU');
  return reportOf(candidate, started, [], []);
};

/**
 * Starts a candidate that `auto` came to. Options of `gpu` bind only where there is a GPU: a job
 * that limits its share of one also runs on a machine without.
 *
 * @throws Error whose message is the reason to go on to the next.
 */
const startAsOneOf = async (candidate: Candidate, options: BackendOptions) => {
  const given = givenOptions(options);
  const lacking = given.filter((path) => !candidate.honours(path, options));
  const binding = (gpu: boolean) => lacking.find((path) => gpu || !isGpuOption(path));
  const refuse = (path: OptionPath | undefined) => {
    if (path) throw new Error(`it does not honour ${path}`);
  };
  refuse(binding(candidate.mayUseGpu));
  const started = await candidate.start(options);
  refuse(binding(started.gpu));
  return { started, unused: started.gpu ? [] : given.filter(isGpuOption) };
};

/** A backend that the process runs on by somebody's choice. A bare cpu is where tfjs falls by itself. */
const chosenAlready = (): string | undefined => {
  const active: string | null = tf.getBackend();
  return active === null || (active === 'cpu' && current?.report.tfBackend !== 'cpu')
    ? undefined
    : active;
};

/** The candidates under `auto`. A backend that was chosen before is not left for options' sake. */
const eligible = (active: string | undefined): readonly Candidate[] =>
  active === undefined ? candidates : candidates.filter(({ tfBackend }) => tfBackend === active);

const startAuto = async (options: BackendOptions): Promise<BackendReport> => {
  const active = chosenAlready();
  if (active && !candidates.some(({ tfBackend }) => tfBackend === active)) {
    const facts = {
      name: 'own',
      tfBackend: active,
      gpu: false,
      rejected: [],
      unused: givenOptions(options),
      warnings: duplicateWarnings(),
    } as const;
    return { ...facts, summary: summarize(facts) };
  }
  const rejected: RejectedBackend[] = [];
  for (const candidate of eligible(active)) {
    try {
      const { started, unused } = await startAsOneOf(candidate, options);
      return reportOf(candidate, started, rejected, unused);
    } catch (error) {
      rejected.push({ name: candidate.name, reason: reasonOf(error) });
    }
  }
  throw new BackendUnavailableError(
    {
      subject: "backend 'auto'",
      expected:
        active === undefined
          ? 'one backend to start with these options'
          : `these options to suit ${active}, on which this process runs already`,
      actual: rejected.map(({ name, reason }) => `${name}: ${reason}`).join('; '),
      fix: 'Leave out the option that is not honoured, or name a backend that honours it.',
    },
    rejected,
  );
};

const choose = async (options: BackendOptions): Promise<BackendReport> => {
  const key = JSON.stringify(options);
  if (current?.options === key && current.report.tfBackend === tf.getBackend())
    return current.report;
  const named = candidates.find(({ name }) => name === options.backend);
  const report = named ? await startExplicitly(named, options) : await startAuto(options);
  registerTrainingGradients();
  current = { options: key, report };
  return report;
};

/**
 * Makes the process run tfjs on a backend, and says which and why.
 *
 * `auto` tries tfjs-node-gpu, tfjs-node, wasm and cpu, each with the reason kept when it fails. It
 * keeps a backend that this process runs on already, by an earlier call or by code of its own; the
 * cpu backend that tfjs falls on by itself does not count as one. The same options again give the
 * same report. Naming another backend switches to it: tfjs moves each tensor when it is next used.
 *
 * @returns the backend that runs, what was rejected, and a line for the log
 * @throws BackendOptionError for an option that does not exist.
 * @throws UnsupportedBackendOptionError when the backend named can't honour an option; it says which can.
 * @throws BackendUnavailableError when the backend named, or under `auto` every one, does not start, or
 *   when TensorFlow is loaded already with other options.
 */
export const useBackend = (options: BackendOptions = {}): Promise<BackendReport> => {
  const next = queue.then(() => {
    checkBackendOptions(options);
    return choose(options);
  });
  queue = next.catch(() => undefined);
  return next;
};

import { checkedAsyncFunction, optional, reasonOf, SerialQueue } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { BackendUnavailableError, UnsupportedBackendOptionError } from './api/errors';
import {
  assertBackendOptions,
  type BackendOptions,
  isGpuOption,
  type OptionPath,
  requestedOptions,
} from './api/options';
import { type BackendReport, type RejectedBackend, summarize } from './api/report';
import { AdvisedError, type Candidate, candidates, type StartedBackend } from './candidates';
import { findDuplicateTfjs } from './doctor/tfjs-packages';
import { registerTrainingGradients } from './gradients/training-gradients';

/** The result of the last call. A process has only one current backend. */
let current: { readonly options: string; readonly report: BackendReport } | undefined;

/** Calls run one at a time: concurrent calls would switch the backend under each other. */
const calls = new SerialQueue();

const unsupported = (
  path: OptionPath,
  candidate: Candidate,
  options: BackendOptions,
  reason?: string,
) =>
  new UnsupportedBackendOptionError(
    path,
    candidate.name,
    candidates
      .filter((other) => other.name !== candidate.name && other.supports(path, options))
      .filter((other) => !isGpuOption(path) || other.canUseGpu)
      .map(({ name }) => name),
    reason,
  );

/** Cached, because installed packages don't change while a process runs. */
let warnings: readonly string[] | undefined;

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

const createReport = (facts: Omit<BackendReport, 'warnings' | 'summary'>): BackendReport => {
  const complete = { ...facts, warnings: duplicateWarnings() };
  return { ...complete, summary: summarize(complete) };
};

const rejectionOf = ({ name }: Candidate, error: unknown): RejectedBackend => ({
  name,
  reason: reasonOf(error),
  ...(error instanceof AdvisedError ? { command: error.command } : {}),
});

const reportOf = (
  { name, tfBackend }: Candidate,
  { version, gpu }: StartedBackend,
  rejected: readonly RejectedBackend[],
  unused: readonly OptionPath[],
): BackendReport =>
  createReport({
    name,
    tfBackend,
    ...(version === undefined ? {} : { version }),
    gpu,
    rejected,
    unused,
  });

/** Starts the backend that the caller named. It has to support every option. */
const startNamed = async (
  candidate: Candidate,
  options: BackendOptions,
): Promise<BackendReport> => {
  const requested = requestedOptions(options);
  const lacking = requested.find((path) => !candidate.supports(path, options));
  if (lacking) throw unsupported(lacking, candidate, options);
  const started = await candidate.start(options).catch((cause: unknown) => {
    throw new BackendUnavailableError(
      {
        subject: `backend "${candidate.name}"`,
        expected: 'it to start',
        actual: reasonOf(cause),
        fix: 'Fix this, or pass backend: "auto" to use the fastest backend that starts.',
      },
      [rejectionOf(candidate, cause)],
      { cause },
    );
  });
  const ineffective = started.gpu ? undefined : requested.find(isGpuOption);
  if (ineffective) throw unsupported(ineffective, candidate, options, 'TensorFlow found no GPU');
  return reportOf(candidate, started, [], []);
};

/**
 * Starts a candidate of `auto`. Options of `gpu` have to be supported only if there is a GPU, so
 * that a job that limits its share of one also runs on a machine without.
 *
 * @throws Error whose message is the reason to try the next candidate.
 */
const tryCandidate = async (candidate: Candidate, options: BackendOptions) => {
  const requested = requestedOptions(options);
  const lacking = requested.filter((path) => !candidate.supports(path, options));
  const assertSupported = (gpu: boolean) => {
    const path = lacking.find((option) => gpu || !isGpuOption(option));
    if (path) throw new Error(`it does not support the option "${path}"`);
  };
  assertSupported(candidate.canUseGpu);
  const started = await candidate.start(options);
  assertSupported(started.gpu);
  return { started, unused: started.gpu ? [] : requested.filter(isGpuOption) };
};

/**
 * The backend that an earlier call or the application chose. A cpu backend that this package didn't
 * start doesn't count: tfjs falls back to it by itself.
 */
const chosenBackend = (): string | undefined => {
  const active: string | null = tf.getBackend();
  return active === null || (active === 'cpu' && current?.report.tfBackend !== 'cpu')
    ? undefined
    : active;
};

const startAuto = async (options: BackendOptions): Promise<BackendReport> => {
  const chosen = chosenBackend();
  const eligible =
    chosen === undefined ? candidates : candidates.filter(({ tfBackend }) => tfBackend === chosen);
  if (chosen && eligible.length === 0) {
    return createReport({
      name: 'own',
      tfBackend: chosen,
      gpu: false,
      rejected: [],
      unused: requestedOptions(options),
    });
  }
  const rejected: RejectedBackend[] = [];
  for (const candidate of eligible) {
    try {
      const { started, unused } = await tryCandidate(candidate, options);
      return reportOf(candidate, started, rejected, unused);
    } catch (error) {
      rejected.push(rejectionOf(candidate, error));
    }
  }
  throw new BackendUnavailableError(
    {
      subject: 'backend "auto"',
      expected:
        chosen === undefined
          ? 'a backend that starts with these options'
          : `options that the current backend "${chosen}" supports`,
      actual: rejected.map(({ name, reason }) => `${name}: ${reason}`).join('; '),
      fix: 'Remove the unsupported option, or name a backend that supports it.',
    },
    rejected,
  );
};

const choose = async (options: BackendOptions): Promise<BackendReport> => {
  const key = JSON.stringify(options);
  if (current?.options === key && current.report.tfBackend === tf.getBackend())
    return current.report;
  const named = candidates.find(({ name }) => name === options.backend);
  const report = named ? await startNamed(named, options) : await startAuto(options);
  registerTrainingGradients();
  current = { options: key, report };
  return report;
};

/**
 * Makes the process run tfjs on a backend, and reports which one and why.
 *
 * `auto` tries tfjs-node-gpu, tfjs-node, libtensorflow, wasm and cpu in this order, and records why
 * each one fails. It keeps a backend that an earlier call or the application has chosen, but not a
 * cpu backend that tfjs fell back to by itself. Repeated calls with the same options return the
 * same report. A call that names another backend switches to it; tfjs moves each tensor on its next
 * use.
 *
 * @returns the backend in use, the rejected ones, and a summary line for a log
 * @throws BackendOptionError for an unknown option, or a value of the wrong type or out of range.
 * @throws UnsupportedBackendOptionError if the named backend doesn't support an option; it lists
 *   those that do.
 * @throws BackendUnavailableError if the named backend, or under `auto` every backend, fails to
 *   start, or if TensorFlow is already loaded with other options.
 */
export const useBackend = checkedAsyncFunction(
  'useBackend()',
  // Keys and values are checked by assertBackendOptions().
  { options: optional() },
  (options: BackendOptions = {}): Promise<BackendReport> =>
    calls.run(() => {
      assertBackendOptions(options);
      return choose(options);
    }),
);

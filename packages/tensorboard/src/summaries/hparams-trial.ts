import { createHash } from 'node:crypto';
import { type Summary_Value, TrialStatus } from '@elistimator/protos';
import { type HParamValue, hparamsSummary, toProtoValue } from './hparams-plugin';

/** Details of a trial for the hparams tab. */
export interface HParamsOptions {
  /** Trials with the same id are repetitions. Default: trials with equal hyperparameters are. */
  readonly trialId?: string | undefined;
  /** Seconds since the epoch. Default: the time of the call. */
  readonly startTimeSecs?: number | undefined;
  /** Location of the model. */
  readonly modelUri?: string | undefined;
  /** Address of a page that monitors the trial. */
  readonly monitorUrl?: string | undefined;
}

/** The status of a trial. */
export type HParamsStatus = 'success' | 'failure' | 'running';

const STATUSES = {
  success: TrialStatus.SUCCESS,
  failure: TrialStatus.FAILURE,
  running: TrialStatus.RUNNING,
} as const;

/**
 * The start of a trial, with its hyperparameters.
 *
 * @param now seconds since the epoch
 * @throws SummaryValueError if a value is not a finite number, a string or a boolean
 */
export const hparamsStart = (
  values: Readonly<Record<string, HParamValue>>,
  options: HParamsOptions,
  now: number,
): Summary_Value => {
  const hparams = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, toProtoValue(name, value)]),
  );
  const { trialId = hparamsGroup(values), startTimeSecs = now } = options;
  const { modelUri = '', monitorUrl = '' } = options;
  return hparamsSummary('_hparams_/session_start_info', {
    case: 'sessionStartInfo',
    value: { hparams, groupName: trialId, startTimeSecs, modelUri, monitorUrl },
  });
};

/** The end of a trial. @param endTimeSecs seconds since the epoch */
export const hparamsEnd = (status: HParamsStatus, endTimeSecs: number): Summary_Value =>
  hparamsSummary('_hparams_/session_end_info', {
    case: 'sessionEndInfo',
    value: { status: STATUSES[status], endTimeSecs },
  });

/**
 * The name of the group of trials with these hyperparameters: the SHA-256 of their JSON in Python's
 * notation. Source: TensorBoard's `plugins/hparams/summary_v2.py`, which gives the same name unless a
 * number without a fraction is a float in Python.
 */
export const hparamsGroup = (values: Readonly<Record<string, HParamValue>>): string => {
  // Python sorts by code points, which is the order of UTF-8 bytes.
  const sorted = Object.entries(values).sort(([a], [b]) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  const members = sorted.map(([name, value]) => `${pythonString(name)}:${pythonJson(value)}`);
  return createHash('sha256')
    .update(`{${members.join(',')}}`)
    .digest('hex');
};

const pythonJson = (value: HParamValue): string => {
  if (typeof value === 'string') return pythonString(value);
  return typeof value === 'number' ? pythonNumber(value) : String(value);
};

/** Formats a number as Python's `repr` does; a number without a fraction as an int. */
const pythonNumber = (value: number): string => {
  if (Number.isInteger(value)) return BigInt(value).toString();
  if (Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace(/e-(\d)$/, 'e-0$1');
};

const pythonString = (text: string): string =>
  JSON.stringify(text).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

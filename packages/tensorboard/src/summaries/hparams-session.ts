import { type Summary_Value, TrialStatus } from '@elistimator/protos';
import { type HParamValue, toHParamValue } from './hparam-value';
import { hparamsGroup } from './hparams-group';
import { hparamsValue } from './hparams-plugin';

/** What the hparams tab shows of a trial beside its hyperparameters. */
export interface HParamsOptions {
  /** Trials of one id are repetitions; by default, those with equal hyperparameters. */
  readonly trialId?: string | undefined;
  /** Seconds since the epoch; the time of the call when absent. */
  readonly startTimeSecs?: number | undefined;
  /** Where the model lies. */
  readonly modelUri?: string | undefined;
  /** Where the trial can be watched. */
  readonly monitorUrl?: string | undefined;
}

/** How a trial ended, or that it has not. */
export type HParamsStatus = 'success' | 'failure' | 'running';

const STATUSES = {
  success: TrialStatus.SUCCESS,
  failure: TrialStatus.FAILURE,
  running: TrialStatus.RUNNING,
} as const;

/**
 * The hyperparameters of a trial, which starts with them.
 *
 * @param now seconds since the epoch
 * @throws SummaryValueError when a value can't be one
 */
export const hparamsStart = (
  values: Readonly<Record<string, HParamValue>>,
  options: HParamsOptions,
  now: number,
): Summary_Value => {
  const hparams = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, toHParamValue(name, value)]),
  );
  const { trialId = hparamsGroup(values), startTimeSecs = now } = options;
  const { modelUri = '', monitorUrl = '' } = options;
  return hparamsValue('_hparams_/session_start_info', {
    case: 'sessionStartInfo',
    value: { hparams, groupName: trialId, startTimeSecs, modelUri, monitorUrl },
  });
};

/** The end of a trial. @param endTimeSecs seconds since the epoch */
export const hparamsEnd = (status: HParamsStatus, endTimeSecs: number): Summary_Value =>
  hparamsValue('_hparams_/session_end_info', {
    case: 'sessionEndInfo',
    value: { status: STATUSES[status], endTimeSecs },
  });

import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type HParamInfoSchema,
  HParamType,
  MetricDataset,
  type MetricInfoSchema,
  type Summary_Value,
} from '@elistimator/protos';
import { SummaryValueError } from '../errors';
import { type HParamValue, toHParamValue } from './hparam-value';
import { hparamsValue } from './hparams-plugin';

/** The values that a hyperparameter may take: a closed interval, or some of one type. */
export type HParamDomain = { readonly min: number; readonly max: number } | readonly HParamValue[];

/** A hyperparameter of an experiment. */
export interface HParam {
  readonly name: string;
  readonly domain?: HParamDomain | undefined;
  readonly displayName?: string | undefined;
  /** Markdown. */
  readonly description?: string | undefined;
}

/** A scalar by which trials are compared. */
export interface HParamsMetric {
  readonly tag: string;
  /** The directory below a trial's own where the scalar lies, such as `validation`. */
  readonly group?: string | undefined;
  readonly displayName?: string | undefined;
  /** Markdown. */
  readonly description?: string | undefined;
  readonly dataset?: 'training' | 'validation' | undefined;
}

/** What is compared with what. */
export interface HParamsConfig {
  readonly hparams: readonly HParam[];
  readonly metrics: readonly HParamsMetric[];
  readonly name?: string | undefined;
  /** Markdown. */
  readonly description?: string | undefined;
  readonly user?: string | undefined;
  /** Seconds since the epoch; the time of the call when absent. */
  readonly timeCreatedSecs?: number | undefined;
}

type HParamInfo = MessageInitShape<typeof HParamInfoSchema>;

const TYPES: Readonly<Record<string, HParamType>> = {
  number: HParamType.FLOAT64,
  string: HParamType.STRING,
  boolean: HParamType.BOOL,
};

const DATASETS = {
  training: MetricDataset.TRAINING,
  validation: MetricDataset.VALIDATION,
} as const;

const asInterval = (name: string, { min, max }: { min: number; max: number }): HParamInfo => {
  if (!(Number.isFinite(min) && Number.isFinite(max) && min <= max)) {
    const fix = 'Give the least value as min and the greatest as max.';
    throw new SummaryValueError(name, 'an interval of finite numbers', `${min} to ${max}`, fix);
  }
  return {
    type: HParamType.FLOAT64,
    domain: { case: 'domainInterval', value: { minValue: min, maxValue: max } },
  };
};

const asDiscrete = (name: string, domain: readonly HParamValue[]): HParamInfo => {
  const types = new Set(domain.map((value) => typeof value));
  const [type = 'none'] = types;
  if (types.size !== 1) {
    const actual = types.size === 0 ? 'no values' : [...types].join(' and ');
    const fix = 'List the values, or leave the domain out.';
    throw new SummaryValueError(name, 'a domain of values of one type', actual, fix);
  }
  const values = domain.map((value) => toHParamValue(name, value));
  return {
    type: TYPES[type] ?? HParamType.UNSET,
    domain: { case: 'domainDiscrete', value: { values } },
  };
};

const isDiscrete = (domain: HParamDomain): domain is readonly HParamValue[] =>
  Array.isArray(domain);

const asHParamInfo = (hparam: HParam): HParamInfo => {
  const { name, domain, displayName = '', description = '' } = hparam;
  const shown = { name, displayName, description };
  if (domain === undefined) return shown;
  return {
    ...shown,
    ...(isDiscrete(domain) ? asDiscrete(name, domain) : asInterval(name, domain)),
  };
};

const asMetricInfo = (metric: HParamsMetric): MessageInitShape<typeof MetricInfoSchema> => {
  const { tag, group = '', displayName = '', description = '', dataset } = metric;
  const datasetType = dataset ? DATASETS[dataset] : MetricDataset.UNKNOWN;
  return { name: { tag, group }, displayName, description, datasetType };
};

/**
 * The configuration of an experiment: its hyperparameters and metrics, for the hparams tab.
 *
 * @param now seconds since the epoch
 * @throws SummaryValueError when a domain is empty, of several types, or no interval
 */
export const hparamsConfigSummary = (config: HParamsConfig, now: number): Summary_Value => {
  const { name = '', description = '', user = '', timeCreatedSecs = now } = config;
  return hparamsValue('_hparams_/experiment', {
    case: 'experiment',
    value: {
      name,
      description,
      user,
      timeCreatedSecs,
      hparamInfos: config.hparams.map(asHParamInfo),
      metricInfos: config.metrics.map(asMetricInfo),
    },
  });
};

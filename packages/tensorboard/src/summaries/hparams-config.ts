import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  type HParamInfoSchema,
  HParamType,
  MetricDataset,
  type MetricInfoSchema,
  type Summary_Value,
} from '@elistimator/protos';
import { SummaryValueError } from '../errors';
import { type HParamValue, hparamsSummary, toProtoValue } from './hparams-plugin';

/** The values that a hyperparameter can have: a closed interval, or a list of values of one type. */
export type HParamDomain = { readonly min: number; readonly max: number } | readonly HParamValue[];

/** A hyperparameter of an experiment. */
export interface HParam {
  readonly name: string;
  readonly domain?: HParamDomain | undefined;
  readonly displayName?: string | undefined;
  /** Markdown. */
  readonly description?: string | undefined;
}

/** A scalar that is used to compare trials. */
export interface HParamsMetric {
  readonly tag: string;
  /** Subdirectory of the trial that has the scalar, such as `validation`. */
  readonly group?: string | undefined;
  readonly displayName?: string | undefined;
  /** Markdown. */
  readonly description?: string | undefined;
  readonly dataset?: 'training' | 'validation' | undefined;
}

/** The configuration of an experiment. */
export interface HParamsConfig {
  readonly hparams: readonly HParam[];
  readonly metrics: readonly HParamsMetric[];
  readonly name?: string | undefined;
  /** Markdown. */
  readonly description?: string | undefined;
  readonly user?: string | undefined;
  /** Seconds since the epoch. Default: the time of the call. */
  readonly timeCreatedSecs?: number | undefined;
}

type HParamInfoInit = MessageInitShape<typeof HParamInfoSchema>;

const HPARAM_TYPES: Readonly<Record<string, HParamType>> = {
  number: HParamType.FLOAT64,
  string: HParamType.STRING,
  boolean: HParamType.BOOL,
};

const DATASETS = {
  training: MetricDataset.TRAINING,
  validation: MetricDataset.VALIDATION,
} as const;

const toInterval = (name: string, { min, max }: { min: number; max: number }): HParamInfoInit => {
  if (!(Number.isFinite(min) && Number.isFinite(max) && min <= max)) {
    const fix = 'Pass the smallest value as "min" and the largest as "max".';
    throw new SummaryValueError(name, 'a domain with finite min <= max', `${min} to ${max}`, fix);
  }
  return {
    type: HParamType.FLOAT64,
    domain: { case: 'domainInterval', value: { minValue: min, maxValue: max } },
  };
};

const toDiscrete = (name: string, domain: readonly HParamValue[]): HParamInfoInit => {
  const types = new Set(domain.map((value) => typeof value));
  const [type = 'none'] = types;
  if (types.size !== 1) {
    const actual = types.size === 0 ? 'no values' : [...types].join(' and ');
    const fix = 'List values of one type, or omit the domain.';
    throw new SummaryValueError(name, 'a domain with values of one type', actual, fix);
  }
  const values = domain.map((value) => toProtoValue(name, value));
  return {
    type: HPARAM_TYPES[type] ?? HParamType.UNSET,
    domain: { case: 'domainDiscrete', value: { values } },
  };
};

const isDiscrete = (domain: HParamDomain): domain is readonly HParamValue[] =>
  Array.isArray(domain);

const toHParamInfo = (hparam: HParam): HParamInfoInit => {
  const { name, domain, displayName = '', description = '' } = hparam;
  const labels = { name, displayName, description };
  if (domain === undefined) return labels;
  return {
    ...labels,
    ...(isDiscrete(domain) ? toDiscrete(name, domain) : toInterval(name, domain)),
  };
};

const toMetricInfo = (metric: HParamsMetric): MessageInitShape<typeof MetricInfoSchema> => {
  const { tag, group = '', displayName = '', description = '', dataset } = metric;
  const datasetType = dataset ? DATASETS[dataset] : MetricDataset.UNKNOWN;
  return { name: { tag, group }, displayName, description, datasetType };
};

/**
 * The configuration of an experiment for the hparams tab: its hyperparameters and metrics.
 *
 * @param now seconds since the epoch
 * @throws SummaryValueError if a domain is empty, has values of several types, or is not an interval
 */
export const hparamsConfigSummary = (config: HParamsConfig, now: number): Summary_Value => {
  const { name = '', description = '', user = '', timeCreatedSecs = now } = config;
  return hparamsSummary('_hparams_/experiment', {
    case: 'experiment',
    value: {
      name,
      description,
      user,
      timeCreatedSecs,
      hparamInfos: config.hparams.map(toHParamInfo),
      metricInfos: config.metrics.map(toMetricInfo),
    },
  });
};

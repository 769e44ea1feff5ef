import { assertKnownKeys } from '@elistimator/internal';
import { InvalidCheckpointOptionError, show, UnknownMetricError } from '../errors';
import type { CheckpointMarks } from './lineage';

/** Validation metrics by name. */
export type CheckpointMetrics = Readonly<Record<string, number>>;

/** The metric that ranks checkpoints. */
export interface Ranking {
  /** The name of a validation metric, such as `loss`. */
  readonly metric: string;
  /** `min` if lower values are better, `max` if higher values are. */
  readonly mode: 'min' | 'max';
}

/** @throws InvalidCheckpointOptionError */
export const assertRanking = (ranking: Ranking): void => {
  assertKnownKeys(
    'ranking',
    ranking,
    { metric: true, mode: true },
    ({ expected, actual, fix }) =>
      new InvalidCheckpointOptionError('ranking', expected, actual, fix),
  );
  const { metric, mode } = ranking;
  if (typeof metric !== 'string' || metric === '') {
    throw new InvalidCheckpointOptionError(
      'metric',
      'the name of a metric',
      show(metric),
      'Pass a name such as "loss".',
    );
  }
  if (mode !== 'min' && mode !== 'max') {
    throw new InvalidCheckpointOptionError(
      'mode',
      '"min" or "max"',
      show(mode),
      'Pass "min" for a loss, "max" for an accuracy.',
    );
  }
};

interface Ranked extends CheckpointMarks {
  readonly metrics?: CheckpointMetrics | undefined;
}

const metricOf = ({ metrics }: Ranked, metric: string): number | undefined =>
  metrics !== undefined && Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;

/**
 * Sorts the checkpoints that have a finite value of the metric, best first. Of equal values the newer comes first.
 * Checkpoints that are abandoned or not finite are left out.
 *
 * @param checkpoints in the order in which they were saved
 */
export const rank = <C extends Ranked>(
  checkpoints: readonly C[],
  { metric, mode }: Ranking,
): C[] => {
  const ranked = checkpoints
    .filter(({ isAbandoned, isNonFinite }) => !isAbandoned && !isNonFinite)
    .map((checkpoint) => ({ checkpoint, value: metricOf(checkpoint, metric) ?? Number.NaN }))
    .filter(({ value }) => Number.isFinite(value));
  // The sort is stable, so reversing first puts the newer of two equal checkpoints in front.
  ranked.reverse().sort((a, b) => (mode === 'min' ? a.value - b.value : b.value - a.value));
  return ranked.map(({ checkpoint }) => checkpoint);
};

/**
 * Asserts that validations, if any are recorded, have the metric that checkpoints are ranked by.
 *
 * @throws UnknownMetricError
 */
export const assertMetricExists = (
  checkpoints: readonly Ranked[],
  { metric }: Pick<Ranking, 'metric'>,
): void => {
  const names = new Set(checkpoints.flatMap(({ metrics = {} }) => Object.keys(metrics)));
  if (names.size > 0 && !names.has(metric)) throw new UnknownMetricError(metric, [...names].sort());
};

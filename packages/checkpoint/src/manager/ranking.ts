import { InvalidCheckpointOptionError, show } from '../errors';

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
export const assertRanking = ({ metric, mode }: Ranking): void => {
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

/**
 * Sorts the checkpoints that have the metric, best first. Of equal values the newer comes first; NaN is treated
 * as a missing metric.
 *
 * @param checkpoints in the order in which they were saved
 */
export const rank = <C extends { readonly metrics?: CheckpointMetrics | undefined }>(
  checkpoints: readonly C[],
  { metric, mode }: Ranking,
): C[] => {
  const metricOf = ({ metrics }: C) =>
    metrics !== undefined && Object.hasOwn(metrics, metric)
      ? (metrics[metric] ?? Number.NaN)
      : Number.NaN;
  const ranked = checkpoints
    .map((checkpoint) => ({
      checkpoint,
      cost: mode === 'min' ? metricOf(checkpoint) : -metricOf(checkpoint),
    }))
    .filter(({ cost }) => !Number.isNaN(cost));
  // The sort is stable, so reversing first puts the newer of two equal checkpoints in front.
  ranked.reverse().sort((a, b) => (a.cost === b.cost ? 0 : a.cost < b.cost ? -1 : 1));
  return ranked.map(({ checkpoint }) => checkpoint);
};

import { InvalidCheckpointOptionError } from '../errors';
import type { CheckpointMetrics } from './keep-policies';

/** Which metric ranks checkpoints, and which way. */
export interface Ranking {
  readonly metric: string;
  /** Whether less or more is better. */
  readonly mode: 'min' | 'max';
}

/** @throws InvalidCheckpointOptionError */
export const assertRanking = ({ metric, mode }: Ranking): void => {
  if (typeof metric !== 'string' || metric === '') {
    throw new InvalidCheckpointOptionError(
      'metric',
      'the name of a metric',
      metric,
      'For example "loss".',
    );
  }
  if (mode !== 'min' && mode !== 'max') {
    throw new InvalidCheckpointOptionError('mode', '"min" or "max"', mode, '"min" suits a loss.');
  }
};

/**
 * Sorts the checkpoints that have the metric, best first; of equals, the newer first. NaN counts as none.
 *
 * @param checkpoints the newest last
 */
export const rank = <C extends { readonly metrics?: CheckpointMetrics | undefined }>(
  checkpoints: readonly C[],
  { metric, mode }: Ranking,
): C[] => {
  const measure = ({ metrics }: C) =>
    metrics !== undefined && Object.hasOwn(metrics, metric)
      ? (metrics[metric] ?? Number.NaN)
      : Number.NaN;
  const ranked = checkpoints
    .map((checkpoint) => ({
      checkpoint,
      value: mode === 'min' ? measure(checkpoint) : -measure(checkpoint),
    }))
    .filter(({ value }) => !Number.isNaN(value));
  // Sorting is stable: the newer of two equals stays in front.
  ranked.reverse().sort((a, b) => (a.value === b.value ? 0 : a.value < b.value ? -1 : 1));
  return ranked.map(({ checkpoint }) => checkpoint);
};

import { describe, expect, it } from 'vitest';
import {
  type KeepPolicy,
  keepAll,
  keepAnyOf,
  keepBest,
  keepEveryNHours,
  keepEveryNSteps,
  keepLatest,
  keepLatestAndBest,
  type SavedCheckpoint,
} from './keep-policies';

const HOUR = 3_600_000;

/** One checkpoint per hour and thousand steps, with the given losses; undefined means no metrics. */
const run = (...losses: (number | undefined)[]): SavedCheckpoint[] =>
  losses.map((loss, index) => ({
    globalStep: (index + 1) * 1000,
    savedAt: (index + 1) * HOUR,
    ...(loss !== undefined && { metrics: { loss, accuracy: 1 - loss } }),
  }));

const steps = (policy: KeepPolicy, checkpoints: readonly SavedCheckpoint[]) =>
  [...policy.keep(checkpoints, { startedAt: 0 })]
    .map(({ globalStep }) => globalStep / 1000)
    .sort((a, b) => a - b);

describe('keep policies', () => {
  it('keepLatest keeps the checkpoints saved last', () => {
    expect(steps(keepLatest(2), run(1, 2, 3))).toEqual([2, 3]);
    expect(steps(keepLatest(5), run(1, 2, 3))).toEqual([1, 2, 3]);
  });

  it('keepBest ranks by any metric, in either mode', () => {
    expect(steps(keepBest({ metric: 'loss', mode: 'min', n: 2 }), run(0.3, 0.1, 0.2))).toEqual([
      2, 3,
    ]);
    expect(steps(keepBest({ metric: 'accuracy', mode: 'max' }), run(0.3, 0.1, 0.2))).toEqual([2]);
    expect(steps(keepBest({ metric: 'loss', mode: 'max' }), run(0.3, 0.1, 0.2))).toEqual([1]);
  });

  it('keepBest ignores NaN and missing metrics, and prefers the newer of two equals', () => {
    const best = keepBest({ metric: 'loss', mode: 'min' });
    expect(steps(best, run(Number.NaN, 0.5, undefined, 0.5))).toEqual([4]);
    expect(steps(best, run(Number.NaN, undefined))).toEqual([]);
    expect(steps(best, run(Number.POSITIVE_INFINITY, Number.NaN))).toEqual([]);
    expect(steps(best, run(0.5, Number.NEGATIVE_INFINITY))).toEqual([1]);
    expect(steps(keepBest({ metric: 'toString', mode: 'min' }), run(1))).toEqual([]);
  });

  it('keepLatestAndBest keeps n in total, including the best and the newest', () => {
    const keep = (n: number) => keepLatestAndBest({ n, metric: 'loss', mode: 'min' });
    expect(steps(keep(3), run(5, 4, 3, 2, 1))).toEqual([3, 4, 5]);
    expect(steps(keep(3), run(0, 4, 3, 2, 1))).toEqual([1, 4, 5]);
    expect(steps(keep(2), run(5, 0, 3, 2, 1))).toEqual([2, 5]);
    expect(steps(keep(1), run(5, 0, 3))).toEqual([2, 3]);
    expect(steps(keep(1), run(5, 3, 0))).toEqual([3]);
    expect(steps(keep(2), run(undefined, undefined, undefined))).toEqual([2, 3]);
  });

  it('keepEveryNHours keeps one per interval, and selects the same ones when applied again', () => {
    const keep = keepEveryNHours(3);
    expect(steps(keep, run(1, 2, 3, 4, 5, 6, 7))).toEqual([3, 6]);
    const fewer = run(1, 2, 3, 4, 5, 6, 7).filter(({ globalStep }) =>
      [3000, 6000, 7000].includes(globalStep),
    );
    expect(steps(keep, fewer)).toEqual([3, 6]);
  });

  it('keepEveryNSteps keeps one per interval, also if steps are not multiples of it', () => {
    expect(steps(keepEveryNSteps(2500), run(1, 2, 3, 4, 5, 6))).toEqual([3, 6]);
  });

  it('keepAnyOf keeps what any policy keeps; keepAll keeps all; a custom policy has one method', () => {
    const even: KeepPolicy = {
      keep: (checkpoints) => checkpoints.filter(({ globalStep }) => globalStep % 2000 === 0),
    };
    expect(steps(keepAnyOf(keepLatest(1), even), run(1, 2, 3, 4, 5))).toEqual([2, 4, 5]);
    expect(steps(keepAnyOf(), run(1))).toEqual([]);
    expect(steps(keepAll(), run(1, 2))).toEqual([1, 2]);
  });

  it('reject invalid counts and metrics', () => {
    expect(() => keepLatest(0)).toThrow('option "n": expected an integer of at least 1, got 0');
    expect(() => keepEveryNHours(Number.NaN)).toThrow('a number above 0');
    expect(() => keepEveryNSteps(1.5)).toThrow('an integer of at least 1');
    expect(() => keepBest({ metric: '', mode: 'min' })).toThrow('the name of a metric');
    expect(() => keepBest({ metric: 'loss', mode: 'least' as 'min' })).toThrow('"min" or "max"');
  });
});

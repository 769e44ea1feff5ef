import {
  checkedFunction,
  ExplainedRangeError,
  optional,
  requiredOptions,
  rest,
} from '@elistimator/internal';
import type { CheckpointMetrics, SaveTrigger } from '../ports';

/** An argument of a save trigger that is out of range. */
export class SaveTriggerError extends ExplainedRangeError {
  override readonly name = 'SaveTriggerError';
}

/** The metric that `saveOnImprovement()` watches. */
export interface ImprovementOptions {
  /** The name of a validation metric, such as `loss`. */
  readonly metric: string;
  /** `min` if lower values are better, `max` if higher values are. */
  readonly mode: 'min' | 'max';
}

/**
 * Saves once at least `n` global steps have passed since the last save.
 *
 * @throws SaveTriggerError if `n` is not an integer of at least 1
 */
export const saveEveryNSteps = checkedFunction(
  'saveEveryNSteps()',
  { n: optional() },
  (n: number): SaveTrigger => {
    if (!Number.isSafeInteger(n) || n < 1) {
      throw new SaveTriggerError({
        subject: '"n" of saveEveryNSteps()',
        expected: 'an integer of at least 1',
        actual: String(n),
        fix: 'Pass the number of global steps between two saves.',
      });
    }
    return {
      shouldSave: ({ globalStep, saved }) => globalStep - (saved.at(-1)?.globalStep ?? 0) >= n,
    };
  },
);

/**
 * Saves once at least `n` seconds have passed since the last save, or since training started.
 *
 * @throws SaveTriggerError if `n` is not a number above 0
 */
export const saveEveryNSeconds = checkedFunction(
  'saveEveryNSeconds()',
  { n: optional() },
  (n: number): SaveTrigger => {
    if (!Number.isFinite(n) || n <= 0) {
      throw new SaveTriggerError({
        subject: '"n" of saveEveryNSeconds()',
        expected: 'a number above 0',
        actual: String(n),
        fix: 'Pass the number of seconds between two saves.',
      });
    }
    return {
      shouldSave: ({ now, startedAt, saved }) => {
        // A checkpoint from an earlier run must not make the first save of this run due at once.
        const last = Math.max(startedAt, saved.at(-1)?.savedAt ?? 0);
        return now - last >= n * 1000;
      },
    };
  },
);

/** A metric's value; undefined if it is missing, NaN or infinite. */
const finiteMetric = (
  metrics: CheckpointMetrics | undefined,
  metric: string,
): number | undefined => {
  const value = metrics && Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
  return Number.isFinite(value) ? value : undefined;
};

/**
 * Saves when validation has just produced a better value of a metric than every saved checkpoint has.
 * Equal values are not improvements. NaN and infinities neither are nor prevent one, and checkpoints of
 * models that are not finite do not count.
 *
 * @throws SaveTriggerError if the metric has no name or the mode is unknown
 */
export const saveOnImprovement = checkedFunction(
  'saveOnImprovement()',
  { options: requiredOptions<ImprovementOptions>({ metric: true, mode: true }) },
  ({ metric, mode }: ImprovementOptions): SaveTrigger => {
    if (typeof metric !== 'string' || metric === '') {
      throw new SaveTriggerError({
        subject: '"metric" of saveOnImprovement()',
        expected: 'the name of a validation metric',
        actual: metric === '' ? 'an empty string' : String(metric),
        fix: 'Pass a name such as "loss".',
      });
    }
    if (mode !== 'min' && mode !== 'max') {
      throw new SaveTriggerError({
        subject: '"mode" of saveOnImprovement()',
        expected: '"min" or "max"',
        actual: JSON.stringify(mode) ?? 'undefined',
        fix: 'Pass "min" for a loss, "max" for an accuracy.',
      });
    }
    return {
      metrics: [metric],
      needsValidation: true,
      shouldSave: ({ metrics, saved }) => {
        const current = finiteMetric(metrics, metric);
        if (current === undefined) return false;
        return saved.every((checkpoint) => {
          const previous = finiteMetric(checkpoint.metrics, metric);
          if (previous === undefined || checkpoint.isNonFinite) return true;
          return mode === 'min' ? current < previous : current > previous;
        });
      },
    };
  },
);

const trigger = {
  expected: 'a trigger: an object with a method shouldSave',
  accepts: (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    'shouldSave' in value &&
    typeof value.shouldSave === 'function',
};

/** Saves when at least one of the triggers does. */
export const saveOnAnyOf = checkedFunction(
  'saveOnAnyOf()',
  { triggers: rest(trigger) },
  (...triggers: readonly SaveTrigger[]): SaveTrigger => ({
    metrics: [...new Set(triggers.flatMap(({ metrics = [] }) => metrics))],
    needsValidation: triggers.length > 0 && triggers.every((member) => member.needsValidation),
    shouldSave: (moment) => triggers.some((member) => member.shouldSave(moment)),
  }),
);

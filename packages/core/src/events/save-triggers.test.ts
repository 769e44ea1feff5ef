import { describe, expect, it } from 'vitest';
import type { SaveMoment } from '../ports';
import {
  SaveTriggerError,
  saveEveryNSeconds,
  saveEveryNSteps,
  saveOnAnyOf,
  saveOnImprovement,
} from './save-triggers';

const moment = (more: Partial<SaveMoment>): SaveMoment => ({
  globalStep: 0,
  now: 0,
  startedAt: 0,
  saved: [],
  ...more,
});

const saved = (globalStep: number, loss?: number) => ({
  globalStep,
  savedAt: globalStep * 1000,
  ...(loss !== undefined && { metrics: { loss } }),
});

describe('save triggers', () => {
  it('saveEveryNSteps counts from the last save', () => {
    const trigger = saveEveryNSteps(100);
    expect(trigger.shouldSave(moment({ globalStep: 99 }))).toBe(false);
    expect(trigger.shouldSave(moment({ globalStep: 100 }))).toBe(true);
    expect(trigger.shouldSave(moment({ globalStep: 100, saved: [saved(50)] }))).toBe(false);
  });

  it('saveEveryNSeconds counts from the last save of this run', () => {
    const trigger = saveEveryNSeconds(10);
    expect(trigger.shouldSave(moment({ now: 9_999 }))).toBe(false);
    expect(trigger.shouldSave(moment({ now: 10_000 }))).toBe(true);
    expect(trigger.shouldSave(moment({ now: 14_000, saved: [saved(5)] }))).toBe(false);
    expect(trigger.shouldSave(moment({ now: 90_000, startedAt: 85_000, saved: [saved(5)] }))).toBe(
      false,
    );
  });

  it('saveOnImprovement wants a better value than any saved one', () => {
    const { shouldSave } = saveOnImprovement({ metric: 'loss', mode: 'min' });
    expect(shouldSave(moment({}))).toBe(false);
    expect(shouldSave(moment({ metrics: { loss: 1 } }))).toBe(true);
    expect(shouldSave(moment({ metrics: { loss: Number.NaN } }))).toBe(false);
    expect(shouldSave(moment({ metrics: { loss: 1 }, saved: [saved(1, 2), saved(2, 3)] }))).toBe(
      true,
    );
    expect(shouldSave(moment({ metrics: { loss: 2 }, saved: [saved(1, 2), saved(2)] }))).toBe(
      false,
    );
  });

  it('saveOnAnyOf asks each', () => {
    const trigger = saveOnAnyOf(saveEveryNSteps(10), saveEveryNSeconds(5));
    expect(trigger.shouldSave(moment({ globalStep: 9, now: 5000 }))).toBe(true);
    expect(trigger.shouldSave(moment({ globalStep: 9, now: 4000 }))).toBe(false);
  });

  it('ranks by higher values in mode max, and ignores NaN of saved checkpoints', () => {
    const { shouldSave } = saveOnImprovement({ metric: 'loss', mode: 'max' });
    const metrics = { loss: 2 };
    expect(shouldSave(moment({ metrics, saved: [saved(1, 1), saved(2, Number.NaN)] }))).toBe(true);
    expect(shouldSave(moment({ metrics, saved: [saved(1, 3)] }))).toBe(false);
  });

  it.each(['min', 'max'] as const)(
    'takes infinities for neither an improvement nor a value to improve on, in mode %s',
    (mode) => {
      const { shouldSave } = saveOnImprovement({ metric: 'loss', mode });
      for (const loss of [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN]) {
        expect(shouldSave(moment({ metrics: { loss } }))).toBe(false);
        const metrics = { loss: 1 };
        expect(shouldSave(moment({ metrics, saved: [saved(1, loss)] }))).toBe(true);
      }
      const best = mode === 'min' ? 0 : 9;
      const notFinite = { ...saved(1, best), isNonFinite: true } as const;
      expect(shouldSave(moment({ metrics: { loss: 1 }, saved: [notFinite] }))).toBe(true);
    },
  );

  it('reject arguments that are missing, superfluous or unknown', () => {
    const call = (fn: unknown, ...args: unknown[]) =>
      (fn as (...all: unknown[]) => unknown)(...args);
    expect(() => call(saveEveryNSteps)).toThrow(/"n" of saveEveryNSteps\(\)/);
    expect(() => call(saveEveryNSteps, 5, 10)).toThrow(/at most 1 argument/);
    expect(() => call(saveEveryNSeconds, 5, { from: 10 })).toThrow(/at most 1 argument/);
    expect(() => call(saveOnImprovement)).toThrow(/saveOnImprovement\(\)/);
    expect(() => call(saveOnImprovement, 'loss', 'min')).toThrow(/saveOnImprovement\(\)/);
    const misspelled = { metric: 'loss', mode: 'min', minDelta: 0.1 };
    expect(() => call(saveOnImprovement, misspelled)).toThrow(/minDelta/);
    expect(() => call(saveOnAnyOf, saveEveryNSteps(5), 10)).toThrow(/a trigger.*got 10/);
  });

  it('reject arguments that are out of range', () => {
    expect(() => saveEveryNSteps(0)).toThrow(SaveTriggerError);
    expect(() => saveEveryNSteps(0)).toThrow('an integer of at least 1, got 0');
    expect(() => saveEveryNSeconds(-1)).toThrow('a number above 0, got -1');
    expect(() => saveOnImprovement({ metric: '', mode: 'min' })).toThrow('got an empty string');
    const mode = 'least' as unknown as 'min';
    expect(() => saveOnImprovement({ metric: 'loss', mode })).toThrow('got "least"');
  });
});

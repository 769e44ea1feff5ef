import { describe, expect, test } from 'vitest';
import type { Excuse } from '../src/excuses/excuse';
import { judge } from '../src/judge';
import type { Report } from '../src/report';

/** What a run is expected to report. */
export interface Expectations {
  readonly excuses: readonly Excuse[];
  /** The number of specs that tfjs-core 4.22 has for this backend. */
  readonly specs: number;
  /** The backend, by tfjs's name for it and its class. */
  readonly backend: string;
}

/** The specs that run outside of tfjs's test environments, without a backend. */
const withoutBackend = 383;

/** Defines a test for each file of tfjs-core's tests, and tests of the run as a whole. */
export const defineTests = (report: Report, { excuses, specs, backend }: Expectations): void => {
  const { failures, stale } = judge(report.specs, excuses);
  const files = new Set(report.specs.map(({ file }) => file));

  describe('tfjs-core', () => {
    test.each([...files])('%s', (file) => {
      expect(failures.get(file) ?? []).toEqual([]);
    });
  });

  test(`every spec ran, on ${backend}`, () => {
    const { [backend]: onBackend = 0, none = 0, ...others } = report.backends;
    expect(others).toEqual({});
    expect(none).toBeLessThanOrEqual(withoutBackend);
    expect(onBackend + none).toBe(specs);
    expect(report.specs).toHaveLength(specs);
  });

  test('every excused spec still fails', () => {
    expect(stale).toEqual([]);
  });

  test('no error outside of specs', () => {
    expect(report.errors).toEqual([]);
  });
};

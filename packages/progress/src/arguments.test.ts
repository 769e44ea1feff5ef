import { describe, expect, it } from 'vitest';
import { formatInterval, formatMeter, SilentReporter, TqdmReporter } from '.';

/** Calls a function as untyped JavaScript does. */
const call = (fn: unknown, self: unknown, ...args: readonly unknown[]): unknown => {
  if (typeof fn !== 'function') throw new TypeError('not a function');
  return Reflect.apply(fn, self, args);
};

const silent = { write: () => {} };

describe('TqdmReporter', () => {
  const reporter = new TqdmReporter({ stream: silent });

  it('refuses a postfix that is not text', () => {
    reporter.begin({ label: 'x' });
    expect(() => call(reporter.show, reporter, { a: 1 })).toThrow(
      '"a" in the postfix of show(): expected a string, got 1. Format the value first, for example with value.toFixed(6).',
    );
    expect(() => call(reporter.show, reporter, 'a=1')).toThrow('expected an object, got "a=1"');
    reporter.end();
  });

  it('refuses tasks, counts and messages of other kinds', () => {
    expect(() => call(reporter.begin, reporter, 'Training', 10)).toThrow(
      'TqdmReporter.begin(): expected at most 1 argument (task), got 2. Remove 10.',
    );
    expect(() => call(reporter.begin, reporter, { desc: 'Training' })).toThrow('got "desc"');
    expect(() => call(reporter.begin, reporter, { total: 3 })).toThrow('option "label"');
    expect(() => call(reporter.begin, reporter, { label: 'x', total: '3' })).toThrow('got "3"');
    expect(() => call(reporter.advance, reporter)).toThrow('"steps" of TqdmReporter.advance()');
    expect(() => call(reporter.message, reporter, 5)).toThrow('expected a string, got 5');
  });

  it('refuses unknown options', () => {
    const construct = (...args: unknown[]) => Reflect.construct(TqdmReporter, args);
    expect(() => construct({ nCols: 5 })).toThrow('got "nCols". Did you mean "ncols"?');
    expect(() => construct(process.stderr, 5)).toThrow('new TqdmReporter(): expected at most 1');
    expect(() => construct({ stream: 'stderr' })).toThrow('got "stderr"');
  });
});

it('SilentReporter refuses the same calls, so that it can stand in for a TqdmReporter', () => {
  const reporter = new SilentReporter();
  expect(() => call(reporter.begin, reporter, 'Training')).toThrow('SilentReporter.begin()');
});

it('formatMeter and formatInterval refuse what they would ignore', () => {
  expect(() => call(formatMeter, undefined, 1, 10, 0.5)).toThrow('formatMeter()');
  expect(() => call(formatMeter, undefined, { n: 1, total: 2 })).toThrow('option "elapsed"');
  expect(() => call(formatMeter, undefined, { n: 1, elapsed: 2, desc: 'x' })).toThrow('got "desc"');
  expect(() => call(formatInterval, undefined, '5')).toThrow('expected a number, got "5"');
});

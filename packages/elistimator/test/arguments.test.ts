// Calls with missing, superfluous and unknown arguments.
import { uncheckedFunctions } from '@elistimator/tooling/public-surface';
import { expect, it } from 'vitest';
import { Elistimator } from '../src';
import { lineModelFn } from './shared-line';

it('no method of Elistimator ignores superfluous arguments', async () => {
  expect(await uncheckedFunctions({ Elistimator })).toEqual([]);
});

it.each<[string, () => unknown, RegExp]>([
  ['new Elistimator()', () => Reflect.construct(Elistimator, []), /"options" of new Elistimator/],
  ['new Elistimator(null)', () => Reflect.construct(Elistimator, [null]), /an object, got null/],
  [
    'fromDisk()',
    () => Reflect.apply(Elistimator.fromDisk, Elistimator, []),
    /"options" of fromDisk/,
  ],
  [
    'fromDisk(directory)',
    () => Reflect.apply(Elistimator.fromDisk, Elistimator, ['/tmp']),
    /options of fromDisk\(\): expected an object, got \/tmp/,
  ],
  [
    'warmStart()',
    () => {
      const estimator = new Elistimator({ modelFn: lineModelFn, progress: false });
      return Reflect.apply(estimator.warmStart, estimator, []);
    },
    /"prefix" of warmStart\(\)/,
  ],
  [
    'warmStart(prefix, map)',
    () => {
      const estimator = new Elistimator({ modelFn: lineModelFn, progress: false });
      return Reflect.apply(estimator.warmStart, estimator, ['prefix', { 'a/': 'b/' }]);
    },
    /"options" of warmStart\(\): expected only "assignmentMap", "cast", got "a\/"/,
  ],
])('%s is a named error', async (_, call, message) => {
  await expect((async () => call())()).rejects.toThrow(message);
});

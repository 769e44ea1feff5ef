import { expect, it } from 'vitest';
import { SummaryValueError } from '../errors';
import type { HParamValue } from './hparam-value';
import { hparamsStart } from './hparams-session';

it.each([
  ['NaN', Number.NaN],
  ['object', { a: 1 } as unknown as HParamValue],
])('names a hyperparameter that is %s', (actual, value) => {
  const record = () => hparamsStart({ rate: value }, {}, 0);
  expect(record).toThrow(SummaryValueError);
  expect(record).toThrow(`"rate": expected a hyperparameter that is a finite number, a string`);
  expect(record).toThrow(`got ${actual}`);
});

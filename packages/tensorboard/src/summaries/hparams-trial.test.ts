import { expect, it } from 'vitest';
import { SummaryValueError } from '../errors';
import type { HParamValue } from './hparams-plugin';
import { hparamsGroup, hparamsStart } from './hparams-trial';

it.each([
  ['NaN', Number.NaN],
  ['object', { a: 1 } as unknown as HParamValue],
])('rejects a hyperparameter that is %s', (actual, value) => {
  const record = () => hparamsStart({ rate: value }, {}, 0);
  expect(record).toThrow(SummaryValueError);
  expect(record).toThrow(`"rate": expected a hyperparameter that is a finite number, a string`);
  expect(record).toThrow(`got ${actual}`);
});

it('groups trials by their values, not by the order of these', () => {
  expect(hparamsGroup({ b: 1, a: 'x' })).toBe(hparamsGroup({ a: 'x', b: 1 }));
  expect(hparamsGroup({ a: 1e-5 })).not.toBe(hparamsGroup({ a: 1e-6 }));
  // The name that Python derives from no values.
  expect(hparamsGroup({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
});

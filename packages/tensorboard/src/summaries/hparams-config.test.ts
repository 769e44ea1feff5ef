import { describe, expect, it } from 'vitest';
import { SummaryValueError } from '../errors';
import { type HParamDomain, hparamsConfigSummary } from './hparams-config';

describe('hparamsConfigSummary', () => {
  it.each<[string, HParamDomain, string]>([
    ['an empty domain', [], 'got no values'],
    ['a mixed domain', [1, 'a'], 'got number and string'],
    ['a value that is not finite', [1, Infinity], 'got Infinity'],
    ['an interval upside down', { min: 1, max: 0 }, 'got 1 to 0'],
  ])('rejects %s and names the hyperparameter', (_what, domain, message) => {
    const record = () =>
      hparamsConfigSummary({ hparams: [{ name: 'rate', domain }], metrics: [] }, 0);
    expect(record).toThrow(SummaryValueError);
    expect(record).toThrow('"rate"');
    expect(record).toThrow(message);
  });
});

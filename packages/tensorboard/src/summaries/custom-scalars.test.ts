import { expect, it } from 'vitest';
import { SummaryValueError } from '../errors';
import { customScalarsSummary } from './custom-scalars';

it('rejects a chart without lines', () => {
  const charts = [{ title: 'loss', multiline: [] }];
  const record = () => customScalarsSummary([{ title: 'all', charts }]);
  expect(record).toThrow(SummaryValueError);
  expect(record).toThrow('at least one line in chart "loss", got no lines');
});

import { uncheckedFunctions } from '@elistimator/tooling/public-surface';
import { expect, it } from 'vitest';
import * as exports from '.';

it('no public function ignores superfluous arguments, except those that do nothing at all', async () => {
  const unchecked = await uncheckedFunctions(exports);
  const doesNothing = /^(nullSummaryWriter\.|CsvWriter#(histogram|images|text)|JsonlWriter#images)/;
  expect(unchecked.filter((name) => !doesNothing.test(name))).toEqual([]);
});

import { uncheckedFunctions } from '@elistimator/tooling/public-surface';
import { expect, it } from 'vitest';
import * as exports from '.';

it('no public function ignores superfluous arguments; keepAnyOf() takes any number', async () => {
  expect(await uncheckedFunctions(exports)).toEqual(['keepAnyOf()']);
});

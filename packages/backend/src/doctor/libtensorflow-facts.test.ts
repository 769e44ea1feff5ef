import { expect, it } from 'vitest';
import { libtensorflowFacts } from './libtensorflow-facts';

it('takes a wrong path in the environment for a finding', async () => {
  const env = { ELISTIMATOR_LIBTENSORFLOW: '/none' };
  expect(await libtensorflowFacts({ cwd: '/', env, timeLimitMs: 60_000 })).toEqual({
    alternatives: [],
    looked: [{ place: '/none', outcome: '/none does not exist' }],
    devices: [],
    problem: expect.stringContaining('ELISTIMATOR_LIBTENSORFLOW: expected a libtensorflow'),
  });
});

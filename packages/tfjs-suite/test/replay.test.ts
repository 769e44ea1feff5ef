import { expect, test } from 'vitest';
import { replayExcuses } from '../src/excuses/replay';
import { runSuite } from '../src/run-suite';
import { defineTests } from './define-tests';

const report = await runSuite('replay');

defineTests(report, { excuses: replayExcuses, specs: 4232, backend: 'cpu/MathBackendCPU' });

test('every replayed call returned the same, bit for bit', () => {
  const { wrong, same = 0 } = report.calls;
  expect(wrong).toBe(0);
  expect(same).toBeGreaterThanOrEqual(3300);
});

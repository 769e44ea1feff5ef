import { expect, it } from 'vitest';
import { MovingAverage } from './moving-average';

it('weighs newer values more, without the bias of its start', () => {
  const average = new MovingAverage(0.3);
  expect(average.value).toBe(0);
  average.add(5);
  expect(average.value).toBeCloseTo(5, 12);
  average.add(10);
  expect(average.value).toBeCloseTo((0.7 * 0.3 * 5 + 0.3 * 10) / (1 - 0.49), 12);
});

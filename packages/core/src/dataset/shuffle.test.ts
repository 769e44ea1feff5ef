import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shuffled } from './shuffle';
import type { Plan } from './stage';

const countTo = (length: number): Plan<number> => ({
  size: length,
  release: () => {},
  open: ({ skip }) => {
    let next = skip;
    return { next: () => (next < length ? next++ : undefined), close: () => {} };
  },
});

const order = (
  length: number,
  bufferSize: number,
  { seed = 1, epoch = 0, reshuffleEachIteration = true } = {},
): number[] => {
  const plan = shuffled(countTo(length), bufferSize, { seed, reshuffleEachIteration });
  const stage = plan.open({ epoch, skip: 0 });
  const rows: number[] = [];
  for (let row = stage.next(); row !== undefined; row = stage.next()) {
    if (row instanceof Promise) throw new Error('a synchronous source became asynchronous');
    rows.push(row);
  }
  return rows;
};

const lengths = fc.integer({ min: 0, max: 200 });
const buffers = fc.integer({ min: 1, max: 250 });
const seeds = fc.integer();

describe('shuffle', () => {
  it('yields every element once', () => {
    fc.assert(
      fc.property(lengths, buffers, seeds, (length, bufferSize, seed) => {
        const rows = order(length, bufferSize, { seed });
        expect(rows.toSorted((a, b) => a - b)).toEqual([...Array(length).keys()]);
      }),
    );
  });

  it('pulls no further ahead than its buffer', () => {
    fc.assert(
      fc.property(lengths, buffers, seeds, (length, bufferSize, seed) => {
        order(length, bufferSize, { seed }).forEach((row, position) => {
          expect(row).toBeLessThanOrEqual(position + bufferSize - 1);
        });
      }),
    );
  });

  it('keeps the order with a buffer of one', () => {
    expect(order(50, 1)).toEqual([...Array(50).keys()]);
  });

  it('depends only on the seed and the epoch', () => {
    fc.assert(
      fc.property(seeds, fc.nat(), (seed, epoch) => {
        const first = order(100, 100, { seed, epoch });
        expect(order(100, 100, { seed, epoch })).toEqual(first);
        expect(order(100, 100, { seed, epoch: epoch + 1 })).not.toEqual(first);
        expect(order(100, 100, { seed: seed + 1, epoch })).not.toEqual(first);
      }),
    );
  });

  it('has the same order in all epochs without reshuffleEachIteration', () => {
    const options = { seed: 5, reshuffleEachIteration: false };
    expect(order(100, 30, { ...options, epoch: 7 })).toEqual(
      order(100, 30, { ...options, epoch: 0 }),
    );
  });

  it('draws uniformly: with a full buffer, each element comes first equally often', () => {
    const trials = 8000;
    const counts = Array<number>(8).fill(0);
    for (let epoch = 0; epoch < trials; epoch++) {
      const [first = 0] = order(8, 8, { seed: 3, epoch });
      counts[first] = (counts[first] ?? 0) + 1;
    }
    // Chi-squared with 7 degrees of freedom stays below 24.3 in 999 of 1000 cases.
    const expected = trials / 8;
    const chiSquared = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeLessThan(24.3);
  });

  it('releases its buffer if it is closed early', () => {
    const released: number[] = [];
    const plan = { ...countTo(10), release: (row: number) => released.push(row) };
    const stage = shuffled(plan, 4, { seed: 1, reshuffleEachIteration: true }).open({
      epoch: 0,
      skip: 0,
    });
    const given = stage.next();
    stage.close();
    expect([...released, given].toSorted()).toEqual([0, 1, 2, 3]);
  });
});

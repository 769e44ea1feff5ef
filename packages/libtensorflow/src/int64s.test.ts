import fc from 'fast-check';
import { expect, test } from 'vitest';
import { int64s } from './int64s';

test('every safe integer is written as the BigInt of it', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeInteger()), (values) => {
      expect(int64s(values)).toEqual(BigInt64Array.from(values, BigInt));
    }),
  );
});

test('a longer array is filled from its start', () => {
  const into = new BigInt64Array(4).fill(9n);
  expect(int64s([-1, 2 ** 40], into)).toBe(into);
  expect(into).toEqual(BigInt64Array.of(-1n, 2n ** 40n, 9n, 9n));
});

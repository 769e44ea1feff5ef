import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepFreeze, hasNonFinite } from './values';

describe('deepFreeze', () => {
  it('freezes what a value contains, and returns the value', () => {
    const value = { list: [{ x: 1 }], text: 'a', none: null };
    expect(deepFreeze(value)).toBe(value);
    expect(Object.isFrozen(value.list[0])).toBe(true);
    expect(() => value.list.push({ x: 2 })).toThrow(TypeError);
  });
});

describe('hasNonFinite', () => {
  it('agrees with Number.isFinite', () => {
    fc.assert(
      fc.property(fc.array(fc.double(), { maxLength: 20 }), (numbers) => {
        const values = Float64Array.from(numbers);
        expect(hasNonFinite(values)).toBe(!values.every(Number.isFinite));
      }),
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'finds %s anywhere',
    (value) => {
      for (let size = 1; size < 10; size++) {
        for (let at = 0; at < size; at++) {
          const values = new Float32Array(size);
          expect(hasNonFinite(values)).toBe(false);
          values[at] = value;
          expect(hasNonFinite(values)).toBe(true);
        }
      }
    },
  );
});

import { describe, expect, it } from 'vitest';
import { planMatMul } from './mat-mul-plan';

const product = (
  rows: number,
  inner: number,
  columns: number,
  transposed: 'none' | 'a' | 'b' = 'none',
) => ({ rows, inner, columns, transposeA: transposed === 'a', transposeB: transposed === 'b' });

describe('planMatMul', () => {
  it('uses the loop for small transposed products', () => {
    expect(planMatMul(product(8, 8, 8, 'a'), false)).toBe('loop');
    expect(planMatMul(product(64, 64, 64, 'b'), false)).toBe('direct');
  });

  it('swaps a batch times large weights, and the gradient with respect to the batch', () => {
    expect(planMatMul(product(56, 3136, 1024), false)).toBe('swapped');
    expect(planMatMul(product(56, 1024, 3136, 'b'), false)).toBe('swapped');
    expect(planMatMul(product(3136, 56, 1024, 'a'), false)).toBe('direct');
  });

  it('does not swap weights that are used again', () => {
    expect(planMatMul(product(56, 3136, 1024), true)).toBe('direct');
  });

  it('does not swap if the gain is small', () => {
    expect(planMatMul(product(56, 1024, 10), false)).toBe('direct');
    expect(planMatMul(product(2000, 64, 64), false)).toBe('direct');
  });
});

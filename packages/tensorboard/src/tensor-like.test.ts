import { describe, expect, it } from 'vitest';
import { SummaryValueError } from './errors';
import { readScalar, readTensor } from './tensor-like';

const device = (values: number[], shape: number[]) => ({
  shape,
  dtype: 'float32',
  dataSync: () => Float32Array.from(values),
});

describe('readTensor', () => {
  it('reads tfjs tensors and plain ones', () => {
    expect(readTensor('t', device([1, 2], [2]))).toEqual({
      shape: [2],
      dtype: 'float32',
      data: Float32Array.of(1, 2),
    });
    expect(readTensor('t', { shape: [1, 2], data: [1, 2] }).data).toEqual([1, 2]);
  });

  it('names the tag if the shape does not match the values', () => {
    const wrong = () => readTensor('conv1/kernel', { shape: [2, 2], data: [1, 2, 3] });
    expect(wrong).toThrow(SummaryValueError);
    expect(wrong).toThrow('"conv1/kernel": expected 4 values for shape [2,2], got 3 values');
  });
});

describe('readScalar', () => {
  it('reads numbers and tensors with one value', () => {
    expect(readScalar('t', 0.5)).toBe(0.5);
    expect(readScalar('t', device([0.5], []))).toBe(0.5);
    expect(readScalar('t', { shape: [1], data: [7] })).toBe(7);
  });

  it('rejects any other tensor', () => {
    expect(() => readScalar('loss', device([1, 2], [2]))).toThrow(
      'Summary "loss": expected a number',
    );
    expect(() => readScalar('loss', device([], [0]))).toThrow(SummaryValueError);
  });
});

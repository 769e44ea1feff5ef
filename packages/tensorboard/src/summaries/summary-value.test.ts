import { expect, it } from 'vitest';
import { float32Bytes, float64Bytes, int32Bytes } from './summary-value';

it('encodes tensor content as little-endian bytes', () => {
  expect([...float32Bytes([1, -2])]).toEqual([0, 0, 128, 63, 0, 0, 0, 192]);
  expect([...float64Bytes([1])]).toEqual([0, 0, 0, 0, 0, 0, 240, 63]);
  expect([...int32Bytes([1, -1])]).toEqual([1, 0, 0, 0, 255, 255, 255, 255]);
});

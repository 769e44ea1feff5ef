import { describe, expect, it } from 'vitest';
import { readPixels } from './png';

const bytes = (data: ArrayLike<number>, dtype?: string) => [
  ...readPixels({ data, dtype, shape: [data.length] }, data.length),
];

describe('readPixels', () => {
  it('converts and clips floats in 0..1', () => {
    expect(bytes(Float32Array.of(-1, 0, 0.5, 1, 2, Number.NaN))).toEqual([0, 0, 127, 255, 255, 0]);
    expect(bytes([0.25, 1])).toEqual([63, 255]);
    expect(bytes([1, 0], 'float32')).toEqual([255, 0]);
  });

  it('clips integers to 0..255', () => {
    expect(bytes(Uint8Array.of(0, 1, 255))).toEqual([0, 1, 255]);
    expect(bytes(Int32Array.of(-5, 1, 300), 'int32')).toEqual([0, 1, 255]);
  });

  it('converts booleans to black and white', () => {
    expect(bytes(Uint8Array.of(0, 1), 'bool')).toEqual([0, 255]);
  });
});

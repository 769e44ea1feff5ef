import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Dataset } from './dataset';
import { DatasetError } from './errors';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

class Float16Array {}

const cases: readonly [string, () => unknown, RegExp][] = [
  [
    'a BigInt64Array',
    () => BigInt64Array.of(1n),
    /got BigInt64Array. Use Float32Array.from\(values, Number\)/,
  ],
  [
    'a BigUint64Array',
    () => BigUint64Array.of(1n),
    /got BigUint64Array. Use Float32Array.from\(values, Number\)/,
  ],
  ['a Uint32Array', () => Uint32Array.of(1), /got Uint32Array.*Int32Array.from\(values\)/],
  ['rows in Uint32Arrays', () => [Uint32Array.of(1)], /got Uint32Array.*Int32Array.from\(values\)/],
  [
    'a Uint32Array with a shape',
    () => ({ data: Uint32Array.of(1), shape: [1, 1] }),
    /got Uint32Array.*Int32Array.from\(values\)/,
  ],
  ['a Float16Array', () => new Float16Array(), /Float32Array.from\(values\), which is exact/],
  ['bigints', () => [1n, 2n], /got a bigint. Convert it with Number\(value\)/],
  ['a bigint among numbers', () => [1, 2n], /a bigint among the values. Convert it with Number/],
  ['a Date', () => new Date(), /got Date. Convert it to a number in a small range/],
  ['Dates', () => [new Date()], /got Date. Convert it to a number in a small range/],
  ['a Map', () => new Map([['a', 1]]), /got Map. Use \[\.\.\.map\.values\(\)\]/],
  ['a Set', () => new Set([1]), /got Set. Use an array: \[\.\.\.set\]/],
  ['an ArrayBuffer', () => new ArrayBuffer(8), /got ArrayBuffer.*new Float32Array\(buffer\)/],
  ['a DataView', () => new DataView(new ArrayBuffer(8)), /got DataView.*view\.byteOffset/],
  ['a promise', () => Promise.resolve([1]), /got Promise. Wait for it with await/],
  ['tensors', () => [tf.scalar(1)], /got Tensor. Stack the tensors: tf.stack\(tensors\)/],
  ['a TensorBuffer', () => tf.buffer([1]), /got TensorBuffer. Call its method toTensor/],
  ['a function', () => () => [1], /got a function. Call it/],
  ['nothing', () => undefined, /got undefined. Fill in missing values/],
  ['a missing value', () => [1, null], /got null among the values. Fill in missing values/],
];

describe('a value that can not become a tensor', () => {
  it.each(cases)(
    'as a column, such as %s, is refused with a way to convert it',
    (_, make, message) => {
      const create = () => Dataset.fromTensorSlices({ x: make() as never });
      expect(create).toThrow(DatasetError);
      expect(create).toThrow(message);
    },
  );

  it.each(cases)(
    'from a generator, such as %s, is refused with a way to convert it',
    async (_, make, message) => {
      const dataset = Dataset.fromGenerator(function* () {
        yield { x: make() as never };
      });
      const reading = dataset.iterate().next();
      await expect(reading).rejects.toThrow(DatasetError);
      await expect(reading).rejects.toThrow(message);
    },
  );

  it.each<[string, unknown, RegExp]>([
    ['a Map', new Map([['x', [1]]]), /got Map. Use Object.fromEntries\(map\)/],
    ['a promise', Promise.resolve({ x: [1] }), /got Promise. Wait for it with await/],
    ['a Set', new Set([1]), /got Set/],
  ])('as all columns, such as %s, is refused', (_, columns, message) => {
    expect(() => Dataset.fromTensorSlices(columns as never)).toThrow(message);
  });

  it('converts as the messages say', async () => {
    const values = { big: BigInt64Array.of(3n), wide: Uint32Array.of(2 ** 31 - 1) };
    const dataset = Dataset.fromTensorSlices({
      float: Float32Array.from(values.big, Number),
      int: Int32Array.from(values.big, Number),
      wide: Int32Array.from(values.wide),
    });
    const { value } = await dataset.iterate().next();
    expect(value?.float.arraySync()).toBe(3);
    expect(value?.int.arraySync()).toBe(3);
    expect(value?.wide.arraySync()).toBe(2 ** 31 - 1);
    tf.dispose(value ?? {});
  });
});

describe('a value declared as int32', () => {
  it.each([2.7, 2 ** 31, -(2 ** 31) - 1024, Number.NaN, Number.POSITIVE_INFINITY])(
    'is refused if it would change, such as %d',
    async (value) => {
      const data = Float64Array.of(1, value);
      const column = () => Dataset.fromTensorSlices({ x: { data, shape: [2], dtype: 'int32' } });
      const message = `expected integers from -(2 ** 31) to 2 ** 31 - 1 for dtype int32, got ${value}. Round`;
      expect(column).toThrow(`column "x": ${message}`);
      for (const x of [value, data, [value], { data, shape: [2] }]) {
        const dataset = Dataset.fromGenerator(() => [{ x: x as number }], {
          dtypes: { x: 'int32' },
        });
        // Plain numbers are float32 until they are converted.
        await expect(dataset.iterate().next()).rejects.toThrow(
          /element 0 of the generator, member "x": expected integers from/,
        );
      }
    },
  );

  it('is accepted if it stays the same', async () => {
    const dataset = Dataset.fromGenerator(
      function* () {
        yield { x: 3, y: Float32Array.of(-4), z: true };
      },
      { dtypes: { x: 'int32', y: 'int32', z: 'int32' } },
    );
    const { value } = await dataset.iterate().next();
    expect(value?.x.arraySync()).toBe(3);
    expect(value?.y.arraySync()).toEqual([-4]);
    expect(value?.z.arraySync()).toBe(1);
    tf.dispose(value ?? {});
  });
});

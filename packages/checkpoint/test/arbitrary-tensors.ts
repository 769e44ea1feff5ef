import { fixedLayouts } from '@elistimator/protos';
import fc from 'fast-check';
import type { WritableTensor } from '../src/tensor';
import { type CheckpointDType, checkpointDTypes } from '../src/tensor';

const shape = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 });

/** Arbitrary bytes cover every bit pattern of every dtype, including NaN payloads and infinities. */
const dataOf = (dtype: CheckpointDType, count: number): fc.Arbitrary<WritableTensor['data']> => {
  if (dtype === 'string') {
    return fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: count, maxLength: count });
  }
  const { array, lanes, size } = fixedLayouts[dtype];
  return fc.uint8Array({ minLength: count * size, maxLength: count * size }).map((bytes) => {
    const own = dtype === 'bool' ? bytes.map((byte) => byte & 1) : bytes.slice();
    return new array(own.buffer, 0, count * lanes);
  });
};

/** Names in TensorFlow's style, and any other text. */
const tensorName = fc
  .oneof(
    fc.stringMatching(/^[a-z]{1,9}(_\d)?(\/(kernel|bias|Adam|Adam_1))?$/),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  )
  .filter((name) => !name.startsWith('\0'));

/** @param dtypes the dtypes to choose from. Default: all. */
export const tensors = (
  options: { maxLength?: number; dtypes?: readonly CheckpointDType[] } = {},
): fc.Arbitrary<WritableTensor[]> =>
  fc
    .uniqueArray(fc.record({ name: tensorName, shape }), {
      selector: ({ name }) => name,
      maxLength: options.maxLength ?? 8,
    })
    .chain((all) =>
      fc.tuple(
        ...all.map(({ name, shape }) =>
          fc.constantFrom(...(options.dtypes ?? checkpointDTypes)).chain((dtype) => {
            const count = shape.reduce((product, size) => product * size, 1);
            return dataOf(dtype, count).map(
              (data): WritableTensor => ({ name, dtype, shape, data }),
            );
          }),
        ),
      ),
    );

import { pythonOracle, runPython } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { mixSeed, type RandomTensorOptions, randomTensor } from '../src/random/random-tensor';

const { python, reason } = await pythonOracle();

/** Prints the values of every draw in base64. */
const drawAll = `
import base64, json, sys
import numpy as np
import tensorflow as tf
draws = dict(uniform=tf.random.stateless_uniform, normal=tf.random.stateless_normal,
             truncatedNormal=tf.random.stateless_truncated_normal)
def values(case):
  seed = tf.constant([int(part) for part in case['seed']], tf.int64)
  drawn = draws[case['distribution']](case['shape'], seed, dtype=case['dtype'], **case['parameters'])
  return base64.b64encode(drawn.numpy().tobytes()).decode()
print(json.dumps([values(case) for case in json.load(sys.stdin)]))
`;

/** The seeds are texts in JSON, since they may need 53 bits. */
const inPython = (draws: readonly RandomTensorOptions[]): Buffer[] => {
  const cases = draws.map(
    ({ distribution, shape, dtype = 'float32', parameters = {}, ...seeds }) => ({
      distribution,
      shape,
      dtype,
      parameters,
      seed: [String(seeds.seed), String(seeds.index)],
    }),
  );
  const encoded = runPython<string[]>(python ?? '', drawAll, [], JSON.stringify(cases));
  return encoded.map((values) => Buffer.from(values, 'base64'));
};

const here = (options: RandomTensorOptions): Float32Array | Int32Array => {
  const tensor = randomTensor(options);
  const values = tensor.dataSync<'float32' | 'int32'>();
  tensor.dispose();
  return values as Float32Array | Int32Array;
};

const bytesOf = (values: Float32Array | Int32Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);

const floatsOf = (bytes: Buffer): Float32Array => new Float32Array(Uint8Array.from(bytes).buffer);

const seeds = fc.oneof(fc.maxSafeInteger(), fc.nat({ max: 2 ** 32 - 1 }), fc.constant(0));
const keys = {
  seed: seeds,
  index: fc.oneof(seeds, fc.nat({ max: 100 })),
  shape: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 3 }),
};
/** Without subnormal numbers, which TensorFlow flushes to zero. */
const finite = (limit: number) =>
  fc
    .float({ min: -limit, max: limit, noNaN: true, noDefaultInfinity: true })
    .filter((value) => value === 0 || Math.abs(value) > 1e-30);

const uniform = fc.record({
  ...keys,
  distribution: fc.constant('uniform' as const),
  parameters: fc.record({ minval: finite(1000), maxval: finite(1000) }),
});
const integers = fc.record({
  ...keys,
  distribution: fc.constant('uniform' as const),
  dtype: fc.constant('int32' as const),
  parameters: fc
    .tuple(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -1000, max: 1000 }))
    .filter(([minval, maxval]) => minval < maxval)
    .map(([minval, maxval]) => ({ minval, maxval })),
});
const normal = fc.record({
  ...keys,
  distribution: fc.constantFrom('normal', 'truncatedNormal'),
  parameters: fc.constant({}),
});
const shifted = fc.record({
  ...keys,
  distribution: fc.constantFrom('normal', 'truncatedNormal'),
  parameters: fc.record({ mean: finite(10), stddev: finite(10) }),
});

const sample = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] =>
  fc.sample(arbitrary, { numRuns: count, seed: mixSeed('philox', count) });

const title = `draws as Python's tf.random.stateless_* ${reason ?? ''}`;

describe.skipIf(python === undefined)(title, () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('a thousand uniform tensors, bit for bit', () => {
    const large = { distribution: 'uniform', shape: [123, 457], seed: 7, index: 1 } as const;
    const draws = [...sample(uniform, 800), ...sample(integers, 200), large];
    inPython(draws).forEach((expected, index) => {
      const options = draws[index];
      if (options === undefined) throw new RangeError(`No draw ${index}.`);
      expect(bytesOf(here(options)).equals(expected), JSON.stringify(options)).toBe(true);
    });
  });

  it('a thousand normal tensors, up to 2e-6', () => {
    const large = { shape: [123, 457], seed: 7, index: 1 };
    const draws = [
      ...sample(normal, 500),
      ...sample(shifted, 500),
      { ...large, distribution: 'normal' as const },
      { ...large, distribution: 'truncatedNormal' as const },
    ];
    inPython(draws).forEach((bytes, index) => {
      const options: RandomTensorOptions | undefined = draws[index];
      if (options === undefined) throw new RangeError(`No draw ${index}.`);
      const expected = floatsOf(bytes);
      const values = here(options);
      // The spread scales the error of the sine and the logarithm, and sums are rounded to float32.
      const { mean = 0, stddev = 1 } = options.parameters ?? {};
      const tolerance = 2e-6 * Math.max(1, Math.abs(stddev), Math.abs(mean));
      expect(values.length).toBe(expected.length);
      const largest = expected.reduce(
        (error, value, at) => Math.max(error, Math.abs(value - (values[at] ?? Number.NaN))),
        0,
      );
      expect(largest, JSON.stringify(options)).toBeLessThanOrEqual(tolerance);
    });
  });
});

import type { DataType, Tensor, Tensor3D } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { oracle } from './library';
import { startTfjs, type Tf } from './tfjs';
import { type AnyDTypeCase, anyDTypeCases, type Input, inputs } from './tfjs-dtype-cases';

const { path, reason } = await oracle();

/** Results that differ from the cpu backend's, by operation and input, and why. */
const differences: Readonly<Record<string, string>> = {
  'abs, large int32': 'exact; cpu computes in float32',
  'argMax of the middle axis, float32 with NaN and infinities': 'TensorFlow finds the NaN',
  'argMin of the middle axis, float32 with NaN and infinities': 'TensorFlow finds the NaN',
  'cast to int32, float32 with NaN and infinities': 'no int32 represents these values',
  'clipByValue to fractions, bool': 'int32; @elistimator/backend refuses it',
  'clipByValue to integers, bool': 'wrong in tfjs-node; @elistimator/backend refuses it',
  'cumprod of the middle axis, large int32': 'exact modulo 2 ** 32; cpu computes in float64',
  'floorDiv, float32': 'float32, as in TensorFlow; cpu returns int32, and 9 for 1 / 0.1',
  'floorDiv, float32 with NaN and infinities': 'float32, as in TensorFlow; cpu returns int32',
  'floorDiv, int32 and float32': 'float32, as in TensorFlow; cpu returns int32',
  'localResponseNormalization, float32 with NaN and infinities': 'sums in another order',
  'mod, float32 with NaN and infinities': "-2 modulo Infinity is Infinity, as in Python's numpy",
  'pow, float32 with NaN and infinities': '1 to the power of NaN is 1, as in C',
  'prelu, large int32': 'the products overflow int32',
  'prod of the middle axis, large int32': 'exact modulo 2 ** 32; cpu computes in float64',
  'prelu, float32 with NaN and infinities': '0 times NaN is NaN',
  'resizeBilinear, large int32': 'rounds differently',
  'resizeNearestNeighbor, large int32': 'exact; cpu computes in float32',
  'scatterND to the same place, bool': 'true; cpu stores the sum 2 in a bool',
  'sign, float32 with NaN and infinities': 'NaN, as in TensorFlow; cpu returns 0',
  'square, large int32': 'exact modulo 2 ** 32; cpu computes in float64',
  'squaredDifference, large int32': 'exact modulo 2 ** 32; cpu computes in float64',
  'topk: indices, float32 with NaN and infinities': 'NaN has no order',
  'topk: values, float32 with NaN and infinities': 'NaN has no order',
  'unique: indices, float32 with NaN and infinities': 'no NaN equals another',
  'unique: values, float32 with NaN and infinities': 'no NaN equals another',
};

interface Result {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

const isClose = (actual: number, expected: number): boolean =>
  Object.is(actual, expected) ||
  actual === expected ||
  Math.abs(actual - expected) <= 2e-5 + 2e-4 * Math.abs(expected);

const isSame = (actual: Result, expected: Result): boolean =>
  actual.dtype === expected.dtype &&
  actual.shape.join() === expected.shape.join() &&
  actual.values.length === expected.values.length &&
  actual.values.every((value, at) => isClose(value, expected.values[at] ?? Number.NaN));

describe.skipIf(reason !== undefined)('operations of every dtype', () => {
  let tf: Tf;
  beforeAll(async () => {
    ({ tf } = await startTfjs(path ?? ''));
    tf.env().set('PROD', true);
  });

  const run = async (
    backend: string,
    operation: AnyDTypeCase,
    [first, second]: readonly [Input, Input],
  ): Promise<Result | Error> => {
    await tf.setBackend(backend);
    const fill = ({ dtype, values }: Input, shift: number): Tensor3D =>
      tf.tensor(
        Array.from({ length: 24 }, (_, at) => values[(at + shift) % values.length] ?? 0),
        [2, 3, 4],
        dtype,
      );
    tf.engine().startScope();
    try {
      const result: Tensor = operation(tf, fill(first, 0), fill(second, 1));
      const { dtype, shape } = result;
      return { dtype, shape, values: Array.from(result.dataSync(), Number) };
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      tf.engine().endScope();
    }
  };

  test.each(Object.keys(inputs))('%s: right, or an error', async (inputName) => {
    const pair = inputs[inputName];
    if (pair === undefined) throw new Error(inputName);
    const unexpected: Record<string, unknown> = {};
    const different: string[] = [];
    for (const [name, operation] of Object.entries(anyDTypeCases)) {
      const actual = await run('tensorflow', operation, pair);
      // TensorFlow has no kernel for this dtype, and says so.
      if (actual instanceof Error) continue;
      const expected = await run('cpu', operation, pair);
      if (!(expected instanceof Error) && isSame(actual, expected)) continue;
      const label = `${name}, ${inputName}`;
      if (label in differences) different.push(label);
      else unexpected[label] = { actual, expected };
    }
    expect(unexpected).toEqual({});
    const listed = Object.keys(differences).filter((label) => label.endsWith(`, ${inputName}`));
    expect(different.sort()).toEqual(listed.sort());
  });
});

import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Dataset, planOf } from './dataset';
import { DatasetIterator } from './dataset-iterator';
import { DatasetError } from './errors';
import { InputSource } from './input-source';

let tensorsBefore = 0;
beforeAll(async () => {
  await tf.setBackend('cpu');
});
beforeEach(() => {
  tensorsBefore = tf.memory().numTensors;
});
afterEach(() => {
  expect(tf.memory().numTensors).toBe(tensorsBefore);
});

const rows = () => Dataset.fromTensorSlices({ x: [1, 2, 3, 4, 5, 6] });
const failure = new RangeError('broken');

/** Fails at the element with the value 4. */
const failAt4 = ({ x }: { x: tf.Tensor }): { x: tf.Tensor } => {
  if (x.dataSync().includes(4)) throw failure;
  return { x };
};
const failingAt4 = function* () {
  for (const x of [1, 2, 3]) yield { x };
  throw failure;
};

/** What an epoch throws. */
const thrownBy = async (dataset: Dataset<{ x: tf.Tensor }>, skip = 0): Promise<unknown> => {
  const elements = new DatasetIterator<{ x: tf.Tensor }>(planOf(dataset), { epoch: 0, skip });
  try {
    for await (const { x } of elements) x.dispose();
  } catch (error) {
    return error;
  }
  return undefined;
};

const cases: readonly [string, () => Dataset<{ x: tf.Tensor }>, string][] = [
  ['map()', () => rows().map(failAt4), 'function passed to map(), element 3'],
  [
    'an asynchronous map()',
    () => rows().map(async (e) => failAt4(e)),
    'function passed to map(), element 3',
  ],
  ['map() of batches', () => rows().batch(2).map(failAt4), 'function passed to map(), element 1'],
  [
    'filter()',
    () => rows().filter((e) => failAt4(e) !== e),
    'function passed to filter(), element 3',
  ],
  [
    'an asynchronous filter()',
    () => rows().filter(async (e) => failAt4(e) === e),
    'function passed to filter(), element 3',
  ],
  ['a generator', () => Dataset.fromGenerator(failingAt4), 'element 3 of the generator'],
  [
    'an asynchronous generator',
    () =>
      Dataset.fromGenerator(async function* () {
        yield* failingAt4();
      }),
    'element 3 of the generator',
  ],
  [
    'the function of a generator',
    () =>
      Dataset.fromGenerator((): Iterable<{ x: number }> => {
        throw failure;
      }),
    'function passed to fromGenerator(), epoch 0',
  ],
];

describe('an error of a function of the user', () => {
  it.each(cases)('in %s gets the stage and the number of the element', async (_, make, subject) => {
    for (const dataset of [make(), make().prefetch(2), make().batch(3), make().repeat(2)]) {
      const error = await thrownBy(dataset);
      expect(error).toBeInstanceOf(DatasetError);
      expect(error).toMatchObject({
        cause: failure,
        message: `${subject}: expected a result, got RangeError: broken. Correct the function; its error is the \`cause\` of this one.`,
      });
    }
  });

  it('counts the elements that were skipped', async () => {
    expect(await thrownBy(rows().map(failAt4), 2)).toMatchObject({
      subject: 'function passed to map(), element 3',
    });
    expect(await thrownBy(Dataset.fromGenerator(failingAt4), 2)).toMatchObject({
      subject: 'element 3 of the generator',
    });
  });

  it('is told once, by the stage in which it happened', async () => {
    const dataset = rows()
      .map(failAt4)
      .filter(() => true)
      .map((element) => element);
    expect(await thrownBy(dataset)).toMatchObject({
      subject: 'function passed to map(), element 3',
      cause: failure,
    });
  });

  it('may be anything that was thrown', async () => {
    const dataset = rows().map((): { x: tf.Tensor } => {
      throw 'a string';
    });
    expect(await thrownBy(dataset)).toMatchObject({ actual: 'a string', cause: 'a string' });
  });

  it('is passed on as it is if it only ends the work', async () => {
    const abort: unknown = AbortSignal.abort().reason;
    const dataset = rows().map((): { x: tf.Tensor } => {
      throw abort;
    });
    expect(await thrownBy(dataset)).toBe(abort);
  });

  it('names the batch of an input function', async () => {
    const source = new InputSource({ name: 'trainInputFn', inputFn: failingAt4 });
    const reading = async () => {
      for await (const batch of source.batches({ epoch: 0 })) batch.dispose();
    };
    const batches = new InputSource({
      name: 'trainInputFn',
      inputFn: function* () {
        yield { x: [1] };
        throw failure;
      },
    });
    await expect(reading()).rejects.toThrow(/trainInputFn, batch 0.*Call .batch\(n\)/);
    const reader = batches.batches({ epoch: 0 });
    (await reader.next()).value?.dispose();
    await expect(reader.next()).rejects.toMatchObject({
      subject: 'trainInputFn, batch 1',
      cause: failure,
    });
  });
});

// Wrong, superfluous and unknown arguments of the data functions.
import { ArgumentError } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { batchOf } from './batch';
import { Dataset } from './dataset';
import { DatasetError } from './errors';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const rows = () => Dataset.fromTensorSlices({ x: [1, 2, 3, 4] });

/** Calls a method as JavaScript may, without types. */
const call =
  (target: object, method: string, ...args: unknown[]) =>
  () =>
    Reflect.apply(Reflect.get(target, method), target, args);

describe('an argument of a dataset method', () => {
  it.each<[string, unknown[], RegExp]>([
    ['shuffle', [3, 42], /"options" of dataset.shuffle\(\): .*got 42.*\{ seed: 42 \}/],
    ['batch', [4, true], /"options" of dataset.batch\(\): .*got true.*\{ dropRemainder: true \}/],
    ['shuffle', [3, { sed: 1 }], /got "sed".*seed/],
    ['shuffle', [3, { reshuffleEachIteration: 'no' }], /true or false, got "no"/],
    ['shuffle', [], /"bufferSize" of dataset.shuffle\(\)/],
    ['shuffle', [3, {}, 1], /at most 2 arguments/],
    ['batch', [4, { dropReminder: true }], /got "dropReminder".*dropRemainder/],
    ['batch', [4, null], /"options" of dataset.batch\(\)/],
    ['map', [], /"fn" of dataset.map\(\): expected a function/],
    ['map', [5], /expected a function, got 5/],
    ['map', [(x: unknown) => x, 4], /at most 1 argument/],
    ['filter', [], /"predicate" of dataset.filter\(\): expected a function/],
    ['filter', [() => true, 4], /at most 1 argument/],
    ['repeat', [2, 3], /at most 1 argument/],
    ['take', [], /"count" of dataset.take\(\)/],
    ['take', [1, 2], /at most 1 argument/],
    ['skip', [], /"count" of dataset.skip\(\)/],
    ['prefetch', [], /"bufferSize" of dataset.prefetch\(\)/],
    ['prefetch', [1, true], /at most 1 argument/],
    ['concatenate', [[1]], /expected a Dataset, got an array/],
    ['concatenate', [], /"other" of dataset.concatenate\(\): expected a Dataset/],
    ['iterate', [0, 1], /at most 1 argument/],
  ])('%s(%j) is checked', (method, args, message) => {
    expect(call(rows(), method, ...args)).toThrow(ArgumentError);
    expect(call(rows(), method, ...args)).toThrow(message);
  });

  it.each<[string, unknown[], RegExp]>([
    ['fromTensorSlices', [], /"columns" of Dataset.fromTensorSlices\(\)/],
    ['fromTensorSlices', [[[1]], [[2]]], /at most 1 argument/],
    ['fromGenerator', [], /"fn" of Dataset.fromGenerator\(\): expected a function/],
    ['fromGenerator', [[1].values()], /expected a function, got an object/],
    ['fromGenerator', [() => [], { dtype: { x: 'int32' } }], /got "dtype".*dtypes/],
    ['fromGenerator', [() => [], { dtypes: 'int32' }], /expected an object, got "int32"/],
    [
      'fromGenerator',
      [() => [], { dtypes: { x: 'float64' } }],
      /dtype of "x".*float32.*got "float64"/,
    ],
    ['fromGenerator', [() => [], { shapes: { x: 5 } }], /shape of "x".*got 5/],
    ['fromGenerator', [() => [], { shapes: [[2, -1]] }], /shape of "0".*\[2,-1\].*null/],
  ])('%s(%j) is checked', (method, args, message) => {
    expect(call(Dataset, method, ...args)).toThrow(message);
  });

  it('that the methods accept is accepted', () => {
    expect(() =>
      rows()
        .shuffle(3, { seed: undefined })
        .batch(2, { dropRemainder: undefined })
        .repeat()
        .take(-1)
        .skip(0)
        .prefetch(1)
        .iterate(),
    ).not.toThrow();
    expect(() => rows().shuffle(3, undefined).batch(2, undefined)).not.toThrow();
  });
});

it('the constructor of Dataset is private', () => {
  expect(() => Reflect.construct(Dataset, [[1, 2]])).toThrow(DatasetError);
  expect(() => Reflect.construct(Dataset, [])).toThrow(/Call Dataset.fromTensorSlices\(\)/);
});

it('the methods of a batch take one name', () => {
  const layout = { keys: ['x'], positional: false };
  const data = Float32Array.of(1);
  const batch = batchOf({ layout, members: [{ dtype: 'float32', shape: [1], data }] }, 'batch');
  for (const method of ['spec', 'host', 'tensor']) {
    expect(call(batch, method)).toThrow(/"key" of batch\./);
    expect(call(batch, method, 'x', 'y')).toThrow(/at most 1 argument/);
  }
  expect(call(batch, 'tensors', 'x')).toThrow(/expected no arguments, got 1/);
  batch.dispose();
});

describe('a split of a shuffled dataset', () => {
  it('is refused when its parts would have other elements in each epoch', () => {
    for (const shuffled of [
      rows().shuffle(4, { seed: 1 }),
      rows().shuffle(4).batch(2),
      rows()
        .shuffle(4)
        .map((element) => element),
      rows()
        .shuffle(4)
        .repeat(1)
        .filter(() => true),
      rows().concatenate(rows().shuffle(4)),
    ]) {
      shuffled.take(1);
      shuffled.take(2);
      expect(() => shuffled.skip(1)).toThrow(
        /skip\(count\): expected the same order in each epoch, because take\(\) was called.*Split before shuffle\(\)/,
      );
    }
    const other = rows().shuffle(4);
    other.skip(1);
    expect(() => other.take(1)).toThrow(/take\(count\).*because skip\(\) was called/);
  });

  it('is allowed before shuffle(), and after one with a fixed order', async () => {
    const fixed = rows().shuffle(4, { seed: 1, reshuffleEachIteration: false });
    const values = async (dataset: Dataset<{ x: tf.Tensor }>, epoch: number) => {
      const found: unknown[] = [];
      for await (const { x } of { [Symbol.asyncIterator]: () => dataset.iterate(epoch) }) {
        found.push(x.arraySync());
        x.dispose();
      }
      return found;
    };
    for (const [train, validation] of [
      [fixed.skip(2), fixed.take(2)],
      [rows().skip(2).shuffle(2), rows().take(2)],
    ] as const) {
      for (const epoch of [0, 1, 2]) {
        const all = [...(await values(train, epoch)), ...(await values(validation, 0))];
        expect(all.toSorted()).toEqual([1, 2, 3, 4]);
      }
    }
  });
});

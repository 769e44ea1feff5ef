// What input functions may return, as the training loop sees it.
import { Readable } from 'node:stream';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Dataset, DatasetError, Estimator, type Execution, layers, TrainSpec } from '../src';
import { createLineEstimator, lineInputs, linePoints } from './line-model';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

const batch = (value = 1, size = 2) => ({
  x: tf.fill([size, 1], value),
  y: tf.fill([size, 1], 3 * value + 1),
});

/** Three batches, and a note of what happens. */
const recordedInput = () => {
  const events: string[] = [];
  const trainInputFn = function* () {
    events.push('called');
    try {
      for (let i = 0; i < 3; i++) yield batch(i);
    } finally {
      events.push('returned');
    }
  };
  return { events, trainInputFn };
};

describe('setup()', () => {
  it.each<[string, () => unknown]>([
    ['a running generator', () => recordedInput().trainInputFn()],
    ['a pass over a Dataset', () => Dataset.fromTensorSlices(linePoints(6)).batch(2).iterate()],
    ['a Readable', () => Readable.from(recordedInput().trainInputFn())],
  ])('looks at the first batch of %s without using it up', async (_, make) => {
    const before = tf.memory().numTensors;
    const { estimator } = createLineEstimator();
    const data = make();
    await estimator.setup({ trainInputFn: () => data as never });
    await estimator.train();
    expect(estimator.globalStep).toBe(3);
    const again = estimator.train();
    await expect(again).rejects.toThrow(DatasetError);
    await expect(again).rejects.toThrow(
      /trainInputFn: .* that trainInputFn has already read.*inside the function, or return a Dataset/,
    );
    await estimator.close();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('serves the first round with its call of the input function', async () => {
    const { events, trainInputFn } = recordedInput();
    const { estimator } = createLineEstimator();
    await estimator.setup({ trainInputFn });
    expect(events).toEqual(['called']);
    await estimator.train();
    await estimator.train();
    expect(events).toEqual(['called', 'returned', 'called', 'returned']);
    await estimator.close();
    expect(events).toHaveLength(4);
  });

  it('ends what nobody trains on: when it fails, is called again, or the estimator is closed', async () => {
    const before = tf.memory().numTensors;
    const { events, trainInputFn } = recordedInput();
    const { estimator } = createLineEstimator();
    const wrong = { trainInputFn, inputShapes: { x: [5, 5] } };
    await expect(estimator.setup(wrong)).rejects.toThrow('inputShapes');
    expect(events).toEqual(['called', 'returned']);
    await estimator.setup({ trainInputFn });
    await estimator.setup(lineInputs);
    expect(events).toEqual(['called', 'returned', 'called', 'returned']);
    await estimator.setup({ trainInputFn });
    await estimator.close();
    expect(events).toHaveLength(6);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('that fails keeps the first batch of the successful one before', async () => {
    const { events, trainInputFn } = recordedInput();
    const { estimator } = createLineEstimator();
    await estimator.setup({ trainInputFn });
    await expect(estimator.setup({ trainInputFn: () => [] })).rejects.toThrow('at least one batch');
    await estimator.train();
    expect(events).toEqual(['called', 'returned']);
    expect(estimator.globalStep).toBe(3);
    await estimator.close();
  });

  it('advises batch() for single examples', async () => {
    const { estimator } = createLineEstimator();
    const scalars = () => Dataset.fromTensorSlices({ x: [1, 2], y: [1, 2] });
    const rows = () => Dataset.fromTensorSlices(linePoints(4));
    const mixed = () => Dataset.fromTensorSlices({ x: [[1], [2]], y: [1, 2] });
    const unequal = () => Dataset.fromTensorSlices({ x: [[1, 2]], y: [[1]] });
    for (const trainInputFn of [scalars, rows, mixed, unequal]) {
      const trying = estimator.setup({ trainInputFn: trainInputFn as () => never });
      await expect(trying).rejects.toThrow(DatasetError);
      await expect(trying).rejects.toThrow(/trainInputFn.*\.batch\(n\)/);
    }
    const trying = estimator.setup({ trainInputFn: rows as () => never });
    await expect(trying).rejects.toThrow(/batch\(\) was not called.*dense/);
    await estimator.close();
  });
});

describe('a round', () => {
  it('trains on data that the input function draws anew', async () => {
    const { estimator } = createLineEstimator();
    const seen: number[] = [];
    let drawn = 0;
    await estimator.setup({
      trainInputFn: () => {
        drawn += 1;
        const data = { x: [[drawn]], y: [[1]] };
        return Dataset.fromTensorSlices(data)
          .batch(1)
          .map((features) => {
            seen.push(features.x.dataSync()[0] ?? 0);
            return features;
          });
      },
    });
    for (let round = 0; round < 3; round++) await estimator.train();
    expect(seen).toEqual([1, 2, 3]);
    await estimator.close();
  });

  it('that maxSteps ended is followed by one with the next order, from its beginning', async () => {
    const order = (seen: number[]) => () =>
      Dataset.fromTensorSlices(linePoints(12))
        .shuffle(12, { seed: 3 })
        .batch(4)
        .map((features) => {
          seen.push(...features.x.dataSync());
          return features;
        });
    const [whole, cut]: number[][] = [[], []];
    for (const [seen, maxSteps] of [
      [whole, 3],
      [cut, 1],
    ] as const) {
      const { estimator } = createLineEstimator();
      await estimator.setup({ trainInputFn: order(seen ?? []) });
      for (let round = 0; round < 3; round++) await estimator.train({ maxSteps });
      await estimator.close();
    }
    const rounds = [0, 12, 24].flatMap((start) => whole?.slice(start, start + 4) ?? []);
    expect(cut).toEqual(rounds);
  });

  it('continues an iterator without return(), which setup() has looked into', async () => {
    const { estimator } = createLineEstimator();
    let made = 0;
    const endless = {
      next: () => {
        made += 1;
        return { done: false, value: { x: [[made]], y: [[1]] } };
      },
    };
    await estimator.setup({ trainInputFn: () => endless });
    for (let round = 0; round < 3; round++) await estimator.train({ maxSteps: 2 });
    expect(made).toBe(6);
    await estimator.close();
  });

  it('has the order of the restored round, although setup() looked at the first one', async () => {
    const orders: string[][] = [];
    const trainInputFn = () =>
      Dataset.fromTensorSlices(linePoints(12))
        .shuffle(12, { seed: 3 })
        .batch(4)
        .map((features) => {
          orders.at(-1)?.push(String(features.x.dataSync()));
          return features;
        });
    const ports = new MemoryPorts();
    const first = createLineEstimator({}, ports).estimator;
    orders.push([]);
    await first.setup({ trainInputFn });
    await first.train().saveCkpt();
    orders.push([]);
    await first.train();
    await first.close();
    const second = createLineEstimator({}, new MemoryPorts(ports.store)).estimator;
    orders.push([]);
    await second.setup({ trainInputFn });
    orders.push([]);
    await second.restoreLatestCkpt();
    await second.train();
    expect(orders.at(-1)).toEqual(orders[1]);
    await second.close();
  });
});

describe.each<Execution>(['eager', 'replay'])(
  'a tensor that is handed over twice (%s)',
  (execution) => {
    const modelFn = (features: { x: tf.Tensor2D; mask: tf.Tensor2D }) => {
      const line = layers.dense(features.x, { units: 1 });
      const loss = () => line.mul(features.mask).square().mean() as tf.Scalar;
      return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.01) }), null, null] as const;
    };

    it('trains as its copies do', async () => {
      const before = tf.memory().numTensors;
      const mask = tf.tensor2d([[1], [0.5]]);
      const same = { x: mask, mask };
      const inputs = [
        function* () {
          for (let i = 0; i < 3; i++) yield { x: tf.fill([2, 1], i), mask };
          yield same;
          yield same;
        },
        function* () {
          for (let i = 0; i < 3; i++) yield { x: tf.fill([2, 1], i), mask: mask.clone() };
          for (let i = 0; i < 2; i++) yield { x: mask.clone(), mask: mask.clone() };
        },
      ];
      const results: unknown[] = [];
      for (const trainInputFn of inputs) {
        const ports = new MemoryPorts();
        const estimator = new Estimator({ modelFn, seed: 1, execution }, ports);
        await estimator.setup({ trainInputFn });
        await estimator.train();
        await estimator.train();
        expect(estimator.globalStep).toBe(10);
        results.push([...estimator.session.variables.values()].map((value) => value.arraySync()));
        await estimator.close();
      }
      expect(results[0]).toEqual(results[1]);
      mask.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  },
);

describe('predict() and evaluate()', () => {
  it('leave a tensor in use that existed before', async () => {
    const { estimator } = createLineEstimator();
    await estimator.setup(lineInputs);
    const before = tf.memory().numTensors;
    const features = batch();
    const inputFn = function* () {
      yield features;
      yield features;
    };
    const losses: number[] = [];
    for (let time = 0; time < 2; time++) {
      losses.push((await estimator.evaluate({ inputFn })).loss);
      const lines: unknown[] = [];
      for await (const { line } of estimator.predict({ inputFn })) lines.push(line);
      expect(lines[1]).toEqual(lines[0]);
    }
    expect(losses[1]).toBe(losses[0]);
    const [one] = [await estimator.predict({ x: features.x as tf.Tensor2D })];
    expect(one.line).toHaveLength(2);
    tf.dispose(features);
    expect(tf.memory().numTensors).toBe(before);
    await estimator.close();
  });

  it('name a disposed tensor, features of unequal sizes, and an iterator that was read', async () => {
    const { estimator } = createLineEstimator();
    await estimator.setup(lineInputs);
    const x = tf.ones([1, 1]) as tf.Tensor2D;
    x.dispose();
    await expect(estimator.predict({ x })).rejects.toThrow(/feature "x": expected a tensor in use/);
    await expect(estimator.predict({ x: [[1], [2]], y: [[1]] } as never)).rejects.toThrow(
      /feature "y": expected 2 examples, as in feature "x", got 1/,
    );
    const data = [{ x: [[1]], y: [[1]] }].values();
    await estimator.evaluate({ inputFn: () => data });
    await expect(estimator.evaluate({ inputFn: () => data })).rejects.toThrow(
      /inputFn of evaluate\(\): .*has already read/,
    );
    await estimator.close();
  });
});

describe('features with unequal first dimensions', () => {
  const unequal = { x: tf.ones([2, 1]), y: tf.ones([3, 1]) };
  it.each<[string, () => unknown]>([
    ['an array', () => [unequal]],
    ['an array, in another order', () => [{ y: unequal.y, x: unequal.x }]],
    ['a generator', () => [{ x: [[1], [2]], y: [[1]] }].values()],
    [
      'a Dataset',
      () =>
        Dataset.fromGenerator(function* () {
          yield { x: [[1], [2]], y: [[1], [2], [3]] };
        }),
    ],
  ])('are refused in %s, whatever their order', async (_, inputFn) => {
    const { estimator } = createLineEstimator();
    await expect(estimator.setup({ trainInputFn: inputFn as () => never })).rejects.toThrow(
      /trainInputFn, batch 0, feature "[xy]": expected \d examples, as in feature "[xy]", got \d/,
    );
    await estimator.setup(lineInputs);
    await expect(estimator.evaluate({ inputFn: inputFn as () => never })).rejects.toThrow(
      /evaluate\(\), batch 0, feature "[xy]": expected \d examples/,
    );
    await estimator.close();
  });
});

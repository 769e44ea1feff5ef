import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest';
import * as metrics from '.';
import { MetricAccumulator } from './accumulator';
import { type Metric, MetricError } from './metric';
import { metricResult } from './registry';

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

interface Batch {
  readonly labels: tf.Tensor;
  readonly predictions: tf.Tensor;
  readonly scores: tf.Tensor;
  readonly weights: tf.Tensor;
}

const numClasses = 4;

const withoutScores = ({ labels, predictions, weights }: Batch) => ({
  labels,
  predictions,
  weights,
});

/** Every metric, on suitable data. */
const every = {
  accuracy: (b) => metrics.accuracy({ ...withoutScores(b), predictions: tf.argMax(b.scores, 1) }),
  binaryAccuracy: (b) =>
    metrics.binaryAccuracy({ ...withoutScores(b), labels: tf.mod(b.labels, 2) }),
  mean: ({ predictions, weights }) => metrics.mean({ values: predictions, weights }),
  precision: (b) => metrics.precision(withoutScores(b)),
  recall: (b) => metrics.recall(withoutScores(b)),
  f1: (b) => metrics.f1(withoutScores(b)),
  auc: (b) => metrics.auc({ ...withoutScores(b), labels: tf.less(b.labels, 2) }),
  aucPr: (b) =>
    metrics.auc({ ...withoutScores(b), curve: 'PR', summationMethod: 'careful_interpolation' }),
  meanAbsoluteError: (b) => metrics.meanAbsoluteError(withoutScores(b)),
  meanSquaredError: (b) => metrics.meanSquaredError(withoutScores(b)),
  rootMeanSquaredError: (b) => metrics.rootMeanSquaredError(withoutScores(b)),
  sparseTopKAccuracy: (b) =>
    metrics.sparseTopKAccuracy({ ...withoutScores(b), predictions: b.scores, k: 2 }),
  meanIoU: (b) =>
    metrics.meanIoU({ ...withoutScores(b), predictions: tf.argMax(b.scores, 1), numClasses }),
  confusionMatrix: (b) =>
    metrics.confusionMatrix({
      ...withoutScores(b),
      predictions: tf.argMax(b.scores, 1),
      numClasses,
    }),
  custom: ({ labels }) =>
    metrics.custom({
      update: () => ({ total: tf.sum(labels) }),
      result: ({ total }) => total?.data[0],
    }),
} satisfies Record<string, (batch: Batch) => Metric<unknown>>;

const examples = fc.array(
  fc.record({
    label: fc.nat(numClasses - 1),
    prediction: fc.float({ min: 0, max: 1, noNaN: true }),
    scores: fc.array(fc.float({ min: -5, max: 5, noNaN: true }), { minLength: 4, maxLength: 4 }),
    weight: fc.constantFrom(0, 0.5, 1, 2),
  }),
  { minLength: 1, maxLength: 30 },
);
type Examples = typeof examples extends fc.Arbitrary<infer E> ? E : never;

const batchOf = (rows: Examples): Batch => ({
  labels: tf.tensor1d(
    rows.map(({ label }) => label),
    'int32',
  ),
  predictions: tf.tensor1d(rows.map(({ prediction }) => prediction)),
  scores: tf.tensor2d(
    rows.flatMap(({ scores }) => scores),
    [rows.length, numClasses],
  ),
  weights: tf.tensor1d(rows.map(({ weight }) => weight)),
});

/** A metric without a batch, for its `kind`, `config` and `result`. */
const withoutData = <R>(make: (batch: Batch) => Metric<R>): Metric<R> => {
  const made: Metric<R>[] = [];
  tf.tidy(() => {
    made.push(make(batchOf([])));
  });
  const [metric] = made;
  if (!metric) throw new Error('the function made no metric');
  return metric;
};

const measure = async <R>(
  make: (batch: Batch) => Metric<R>,
  batches: readonly Examples[],
): Promise<R> => {
  const accumulator = new MetricAccumulator<R>();
  for (const rows of batches) tf.tidy(() => accumulator.add(make(batchOf(rows))));
  const result = await accumulator.result();
  accumulator.dispose();
  return result;
};

const expectClose = (actual: unknown, expected: unknown) => {
  const numbers = (value: unknown) => [value].flat(2).map(Number);
  numbers(expected).forEach((value, position) => {
    expect(numbers(actual)[position]).toBeCloseTo(value, 4);
  });
};

describe('the registry', () => {
  const names = Object.keys(metrics).filter((name) => name !== 'custom');

  it.each(names)('rebuilds the result of metrics.%s', (name) => {
    expect(metricResult(name, { numClasses: 2, threshold: 0.5 })).toBeTypeOf('function');
  });

  it('is tested with every metric, each of which is named after its function', () => {
    const kinds = Object.values(every).map((make) => withoutData<unknown>(make).kind);
    expect(new Set(kinds)).toEqual(new Set(Object.keys(metrics)));
  });

  it('names the kinds that it knows when asked for another', () => {
    expect(() => metricResult('custom', {})).toThrow(
      'metric of kind "custom": expected one of accuracy, auc, binaryAccuracy, confusionMatrix, f1, ' +
        'mean, meanAbsoluteError, meanIoU, meanSquaredError, precision, recall, rootMeanSquaredError, ' +
        'sparseTopKAccuracy, got a kind whose "result" function is not stored. ' +
        'Pass the model function, which defines the metric.',
    );
    expect(() => metricResult('toString', {})).toThrow(MetricError);
  });
});

describe.each(Object.entries<(batch: Batch) => Metric<unknown>>(every))('%s', (name, make) => {
  it('does not depend on how examples are batched', async () => {
    await fc.assert(
      fc.asyncProperty(examples, fc.array(fc.nat(29)), async (rows, cuts) => {
        const edges = [0, ...cuts.map((cut) => cut % rows.length), rows.length];
        const sorted = edges.toSorted((a, b) => a - b);
        const parts = sorted.slice(1).map((end, part) => rows.slice(sorted[part], end));
        const batches = parts.filter((part) => part.length > 0);
        expectClose(await measure(make, batches), await measure(make, [rows]));
      }),
      { numRuns: 30 },
    );
  });

  it('can be rebuilt from its kind and config', async () => {
    const { kind, config, result } = withoutData(make);
    if (name === 'custom') {
      expect(() => metricResult(kind, config)).toThrow(MetricError);
      return;
    }
    const rebuilt = metricResult(kind, JSON.parse(JSON.stringify(config)));
    const totals = Object.fromEntries(
      ['total', 'count', 'positives', 'negatives', 'truePositives', 'falsePositives'].map(
        (name, position) => [name, { data: Float64Array.of(3 + position), shape: [] }],
      ),
    );
    expect(rebuilt(totals)).toEqual(result(totals));
  });

  it('runs the same operations for every batch size, and reads no tensor value', () => {
    const throwOnRead = () => {
      throw new Error('a value was read');
    };
    const operationsFor = (size: number): string[] => {
      const row = { label: 1, prediction: 0.5, scores: [1, 2, 3, 4], weight: 1 as const };
      const operations: string[] = [];
      tf.tidy(() => {
        const metric = make(batchOf(Array<typeof row>(size).fill(row)));
        const engine = tf.engine();
        const runKernel = engine.runKernel.bind(engine);
        vi.spyOn(engine, 'runKernel').mockImplementation((name, inputs, attributes) => {
          operations.push(`${name} ${JSON.stringify(attributes)}`);
          return runKernel(name, inputs, attributes);
        });
        vi.spyOn(engine, 'readSync').mockImplementation(throwOnRead);
        vi.spyOn(engine, 'read').mockImplementation(throwOnRead);
        metric.update();
        vi.restoreAllMocks();
      });
      return operations;
    };
    const operations = operationsFor(3);
    expect(operations).not.toEqual([]);
    expect(operationsFor(8)).toEqual(operations);
  });

  it('is zero over no examples', () => {
    if (name === 'custom') return;
    const { result } = withoutData(make);
    expect([result({})].flat(2).every((value) => value === 0)).toBe(true);
  });
});

describe('inputs', () => {
  it('may be functions, which are called at each update', async () => {
    let calls = 0;
    const metric = metrics.accuracy({
      labels: () => {
        calls += 1;
        return tf.tensor1d([1, 2], 'int32');
      },
      predictions: () => tf.tensor1d([1, calls], 'int32'),
    });
    const accumulator = new MetricAccumulator();
    accumulator.add(metric);
    accumulator.add(metric);
    expect(await accumulator.result()).toBe(0.75);
  });

  it('may have weights for the batch, for examples, and for values', async () => {
    const values = [
      [1, 2],
      [3, 4],
    ];
    const mean = async (weights: tf.Tensor) => {
      const accumulator = new MetricAccumulator();
      tf.tidy(() => accumulator.add(metrics.mean({ values: tf.tensor2d(values), weights })));
      weights.dispose();
      return accumulator.result();
    };
    expect(await mean(tf.scalar(3))).toBe(2.5);
    expect(await mean(tf.tensor1d([1, 3]))).toBe((1.5 + 3 * 3.5) / 4);
    expect(await mean(tf.tensor2d([[1], [0]]))).toBe(1.5);
    expect(
      await mean(
        tf.tensor2d([
          [1, 0],
          [0, 1],
        ]),
      ),
    ).toBe(2.5);
    expect(await mean(tf.tensor2d([[0, 1]]))).toBe(3);
  });

  it.each<[string, () => Metric<unknown>, RegExp]>([
    [
      'labels and predictions',
      () => metrics.accuracy({ labels: tf.zeros([3]), predictions: tf.zeros([3, 1]) }),
      /metrics\.accuracy: expected predictions of the same shape as the labels, \[3\], got \[3,1\]/,
    ],
    [
      'weights',
      () => metrics.mean({ values: tf.zeros([3, 2]), weights: tf.zeros([2]) }),
      /weights of metrics\.mean: expected a scalar, or .* equal the leading dimensions of \[3,2\], got \[2\]/,
    ],
    [
      'scores',
      () => metrics.sparseTopKAccuracy({ labels: tf.zeros([3]), predictions: tf.zeros([3]) }),
      /expected labels \[batch\] and predictions \[batch,classes\], got labels \[3\] and predictions \[3\]/,
    ],
  ])('are rejected when shapes do not fit: %s', (_, make, message) => {
    tf.tidy(() => {
      expect(() => make().update()).toThrow(MetricError);
      expect(() => make().update()).toThrow(message);
    });
  });

  it.each<[string, () => Metric<unknown>, RegExp]>([
    [
      'class ids',
      () =>
        metrics.meanIoU({
          labels: tf.tensor1d([0, 3], 'int32'),
          predictions: tf.tensor1d([0, 1], 'int32'),
          numClasses: 3,
        }),
      /metrics\.meanIoU: expected class ids from 0 to 2, got 1 outside that range/,
    ],
    [
      'probabilities',
      () => metrics.auc({ labels: tf.tensor1d([0, 1]), predictions: tf.tensor1d([-2, 0.5]) }),
      /expected probabilities from 0 to 1, got 1 outside that range/,
    ],
  ])('are rejected by the result when values are out of range: %s', async (_, make, message) => {
    const accumulator = new MetricAccumulator<unknown>();
    tf.tidy(() => accumulator.add(make()));
    await expect(accumulator.result()).rejects.toThrow(message);
  });

  it('are rejected with invalid options', () => {
    const [labels, predictions] = [() => tf.zeros([1]), () => tf.zeros([1])];
    expect(() => metrics.auc({ labels, predictions, numThresholds: 1 })).toThrow(MetricError);
    expect(() => metrics.confusionMatrix({ labels, predictions, numClasses: 0 })).toThrow(
      /numClasses/,
    );
  });

  it('determine the type of the result', () => {
    const inputs = { labels: () => tf.zeros([1]), predictions: () => tf.zeros([1]) };
    expectTypeOf(metrics.accuracy(inputs)).toEqualTypeOf<Metric<number>>();
    expectTypeOf(metrics.confusionMatrix({ ...inputs, numClasses: 2 })).toEqualTypeOf<
      Metric<number[][]>
    >();
  });
});

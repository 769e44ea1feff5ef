// Logs and progress that fail: what they refuse is reported once, and training continues.
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  Estimator,
  EvaluationSpec,
  getVariable,
  metrics,
  NonFiniteLossError,
  type SummarySink,
  summary,
  TrainSpec,
} from '../src';
import { createLineEstimator, lineInputs } from './line-model';
import { MemoryPorts } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));
afterEach(() => vi.restoreAllMocks());

interface Features {
  readonly x: tf.Tensor2D;
}

/** The loss is the mean of x; its summaries are recorded by `record`. */
const create = (record: (x: tf.Tensor2D) => void, ports = new MemoryPorts()) => {
  const modelFn = (features: Features) => {
    const w = getVariable('w', { shape: [], initializer: () => tf.scalar(1) });
    record(features.x);
    const loss = () => features.x.mean().mul(w) as tf.Scalar;
    const mean = metrics.mean({ values: features.x });
    return [
      new TrainSpec({ loss, optimizer: () => tf.train.sgd(0) }),
      new EvaluationSpec({ loss, metrics: { mean } }),
      null,
    ] as const;
  };
  return { ports, estimator: new Estimator({ modelFn }, ports) };
};

const inputFn =
  (...values: readonly number[]) =>
  () =>
    values.map((value) => ({ x: tf.fill([2, 1], value) }));

/** Refuses what TensorBoard's writer does. */
const refusesNonFinite = (ports: MemoryPorts) => {
  for (const sink of Object.values(ports.sinks)) {
    const histogram = sink.histogram.bind(sink);
    sink.histogram = (tag, value, step) => {
      const { data } = value as { data: Float32Array };
      if (!data.every(Number.isFinite)) {
        throw new RangeError(`summary "${tag}": expected finite values, got NaN`);
      }
      histogram(tag, value, step);
    };
  }
};

const warnings = (ports: MemoryPorts) =>
  ports.progress.log.filter((text) => text.startsWith('Warning'));

describe('a summary that the log refuses', () => {
  it('does not hide that the loss is NaN', async () => {
    const { estimator, ports } = create((x) => summary.histogram('values', x));
    refusesNonFinite(ports);
    await estimator.setup({ trainInputFn: inputFn(1, Number.NaN, 2) });
    await expect(estimator.train()).rejects.toThrow(NonFiniteLossError);
    expect(ports.losses).toEqual([1, Number.NaN, Number.NaN]);
    expect(ports.sinks.train.others.map(({ step }) => step)).toEqual([1, 3]);
    expect(warnings(ports)).toEqual([
      'Warning: summary "values" of the train run was not written at global step 2: summary "values": expected finite values, got NaN. This is printed once.',
    ]);
  });

  it("does not end training with nanPolicy: 'warn', and is reported once for each tag", async () => {
    const { estimator, ports } = create((x) => {
      summary.histogram('a', x);
      summary.histogram('b', x);
    });
    refusesNonFinite(ports);
    const { NaN: nan } = Number;
    await estimator.setup({ trainInputFn: inputFn(1, nan, nan, 2), nanPolicy: 'warn' });
    await estimator.train();
    expect(estimator.globalStep).toBe(4);
    expect(warnings(ports).map((text) => text.slice(0, 45))).toEqual([
      'Warning: loss at global step 2: expected a fi',
      'Warning: summary "a" of the train run was not',
      'Warning: summary "b" of the train run was not',
    ]);
    await estimator.train();
    expect(warnings(ports)).toHaveLength(4);
  });

  it('does not throw a finished validation away', async () => {
    const { estimator, ports } = create((x) => {
      summary.histogram('values', x.div(0));
      summary.scalar('mean', x.mean());
    });
    refusesNonFinite(ports);
    ports.sinks.validation.text = () => {};
    await estimator.setup({ trainInputFn: inputFn(1), validationInputFn: inputFn(1, 3) });
    expect(await estimator.validate()).toEqual({ loss: 2, mean: 2 });
    expect(ports.sinks.validation.points.map(({ tag, value }) => [tag, value])).toEqual([
      ['mean', 2],
      ['mean', 2],
      ['loss', 2],
    ]);
    expect(warnings(ports)).toEqual([
      expect.stringContaining('"values" of the validation run was not written at global step 0'),
    ]);
    expect(await estimator.train().validate()).toEqual({ loss: 2, mean: 2 });
  });

  it('does not take the scalars with it that were recorded at the same time', async () => {
    const { estimator, ports } = create((x) => {
      summary.scalar('good', x.mean());
      summary.scalar('bad tag!', x.mean());
    });
    const { train } = ports.sinks;
    const scalars = train.scalars.bind(train);
    train.scalars = (points) => {
      if (points.some(({ tag }) => tag === 'bad tag!')) throw new Error('an invalid tag');
      scalars(points);
    };
    await estimator.setup({ trainInputFn: inputFn(1, 2) });
    await estimator.train();
    const logged = train.points.map(({ tag, step }) => `${tag}@${step}`);
    expect(logged.filter((text) => /loss|good|bad/.test(text))).toEqual([
      'loss@1',
      'good@1',
      'loss@2',
      'good@2',
    ]);
    expect(warnings(ports)).toEqual([expect.stringMatching(/"bad tag!".*step 1: an invalid tag/)]);
  });

  it('may be one that can not be read from the device', async () => {
    const record = (x: tf.Tensor2D) => {
      summary.scalar('words', tf.tensor(['word']));
      summary.scalar('mean', x.mean());
    };
    const { estimator, ports } = create(record);
    await estimator.setup({ trainInputFn: inputFn(1, 2), validationInputFn: inputFn(3) });
    expect(await estimator.train().validate()).toEqual({ loss: 3, mean: 3 });
    const means = ports.sinks.train.points.filter(({ tag }) => tag === 'mean');
    expect(means.map(({ value }) => value)).toEqual([1, 2]);
    expect(warnings(ports)).toEqual([
      expect.stringContaining('summary "words" of the train run'),
      expect.stringContaining('summary "words" of the validation run'),
    ]);
  });

  it.each(['flush', 'graph', 'an asynchronous method'] as const)(
    'may be that of %s',
    async (failing) => {
      const { estimator, ports } = create((x) => summary.text('text', `${x.shape}`));
      const fail = async () => {
        throw new Error('disk is full');
      };
      for (const sink of Object.values(ports.sinks) as SummarySink[]) {
        if (failing === 'flush') sink.flush = fail;
        else if (failing === 'graph') sink.graph = fail;
        else sink.text = fail as () => void;
      }
      await estimator.setup({ trainInputFn: inputFn(1), validationInputFn: inputFn(3) });
      expect(await estimator.train().validate()).toEqual({ loss: 3, mean: 3 });
      await estimator.train();
      const runs = warnings(ports).map((text) => /the (\w+) run.*disk is full/.exec(text)?.[1]);
      expect(runs).toEqual(failing === 'graph' ? ['train'] : ['train', 'validation']);
    },
  );

  it('leaks no tensors', async () => {
    const { estimator, ports } = create((x) => {
      summary.histogram('values', x);
      summary.scalar('words', tf.tensor(['word']));
    });
    refusesNonFinite(ports);
    const batches = [{ x: tf.ones([1, 1]) }, { x: tf.fill([1, 1], Number.NaN) }];
    const input = () => batches;
    await estimator.setup({ trainInputFn: input, validationInputFn: input, nanPolicy: 'warn' });
    await estimator.train().validate();
    const before = tf.memory().numTensors;
    await estimator.train().validate();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(batches);
  });
});

describe('a progress reporter that throws', () => {
  const failing = async () => {
    const { estimator, ports } = createLineEstimator();
    const emitted: string[] = [];
    vi.spyOn(process, 'emitWarning').mockImplementation((text) => void emitted.push(String(text)));
    await estimator.setup(lineInputs);
    return { estimator, ports, emitted };
  };

  it.each(['begin', 'advance', 'show', 'end'] as const)(
    'in %s() is reported once and does not end a round',
    async (method) => {
      const { estimator, ports, emitted } = await failing();
      ports.progress[method] = () => {
        throw new Error('no terminal');
      };
      const { loss } = await estimator.train().validate();
      await estimator.train();
      expect(loss).toBeGreaterThan(0);
      expect(estimator.globalStep).toBe(10);
      expect(emitted).toEqual([
        `Warning: ${method}() of the progress reporter failed: no terminal. This is printed once.`,
      ]);
    },
  );

  it('in message() or asynchronously loses no message', async () => {
    const { estimator, ports, emitted } = await failing();
    ports.progress.message = () => {
      throw new Error('no terminal');
    };
    ports.progress.begin = (async () => {
      throw new Error('later');
    }) as () => void;
    await estimator.train().validate();
    expect(emitted).toEqual([
      expect.stringContaining('begin() of the progress reporter failed: later'),
      expect.stringMatching(/^error=.* loss=/),
    ]);
  });
});

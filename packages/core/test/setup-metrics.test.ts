// Metrics that options of setup() name.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  Estimator,
  EvaluationSpec,
  layers,
  metrics,
  OptionError,
  saveEveryNSteps,
  saveOnAnyOf,
  saveOnImprovement,
  TrainSpec,
} from '../src';
import { createLineEstimator, lineInputFn, lineInputs } from './line-model';
import { MemoryPorts, type MemoryStore } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

const improvement = (metric: string) => saveOnImprovement({ metric, mode: 'max' });

interface Options {
  /** Whether evaluation can be traced, so that its metrics are known before the first validation. */
  readonly isTraceable?: boolean;
  readonly hasSpec?: boolean;
}

/** A model with the metrics "accuracy" (a number) and "confusion" (a matrix). */
const classifier = ({ isTraceable = true, hasSpec = true }: Options = {}) => {
  const modelFn = ({ x, y }: { readonly x: tf.Tensor2D; readonly y: tf.Tensor2D }) => {
    const line = layers.dense(x, { units: 1 });
    const loss = () => tf.losses.meanSquaredError(y, line) as tf.Scalar;
    const labels = y.greater(2).toInt();
    const predictions = line.greater(2).toInt();
    const evaluation = new EvaluationSpec({
      loss: () => {
        if (!isTraceable) x.dataSync();
        return loss();
      },
      metrics: () => ({
        accuracy: metrics.accuracy({ labels, predictions }),
        confusion: metrics.confusionMatrix({ labels, predictions, numClasses: 2 }),
        mine: metrics.custom({ update: () => ({ sum: y.sum() }), result: () => 'a text' }),
      }),
    });
    const train = new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) });
    return [train, hasSpec ? evaluation : null, null] as const;
  };
  const ports = new MemoryPorts();
  return { estimator: new Estimator({ modelFn, seed: 1 }, ports), ports };
};

const rankBy = (store: MemoryStore, ...names: readonly string[]) => {
  store.rankedBy = names;
};

describe('a metric that does not exist', () => {
  it.each(['acc', 'accurasy', 'Loss'])(
    'is refused by setup() in saveWhen, with those that exist: %s',
    async (name) => {
      const { estimator } = classifier();
      const setup = estimator.setup({ ...lineInputs, saveWhen: improvement(name) });
      await expect(setup).rejects.toThrow(OptionError);
      await expect(setup).rejects.toThrow(
        new RegExp(
          `metric "${name}" in saveWhen of setup\\(\\): .*"accuracy", .*"loss", got an unknown name. Did you mean`,
        ),
      );
      await estimator.setup({ ...lineInputs, saveWhen: improvement('accuracy') });
      await estimator.close();
    },
  );

  it('is refused in trainSaverArgs, and within a combination of triggers', async () => {
    const { estimator, ports } = classifier();
    rankBy(ports.store, 'acc');
    await expect(estimator.setup(lineInputs)).rejects.toThrow('metric "acc" in trainSaverArgs');
    rankBy(ports.store, 'accuracy');
    const saveWhen = saveOnAnyOf(saveEveryNSteps(5), improvement('loss'), improvement('f1'));
    await expect(estimator.setup({ ...lineInputs, saveWhen })).rejects.toThrow('metric "f1"');
  });

  it('is refused by the first validation if evaluation can not be traced', async () => {
    const { estimator } = classifier({ isTraceable: false });
    await estimator.setup({ ...lineInputs, saveWhen: improvement('acc') });
    const validating = estimator.train().validate();
    await expect(validating).rejects.toThrow(/metric "acc" in saveWhen.*Did you mean "accuracy"\?/);
    // What was measured is not lost.
    await estimator.saveCkpt();
    expect(Object.keys(estimator.checkpoints.get(5)?.metrics ?? {})).toEqual(['accuracy', 'loss']);
  });

  it('is refused for the graph of a directory as well', async () => {
    const { estimator, ports } = createLineEstimator();
    await estimator.setup(lineInputs);
    await estimator.saveCkpt();
    const graph = new Estimator({ modelFn: null }, new MemoryPorts(ports.store));
    await graph.recover();
    const setup = graph.setup({ ...lineInputs, saveWhen: improvement('errors') });
    await expect(setup).rejects.toThrow(/metric "errors".*Did you mean "error"/);
  });
});

describe('a metric whose value is not a number', () => {
  it('is refused by setup() if that is known: a matrix', async () => {
    const { estimator } = classifier();
    const setup = estimator.setup({ ...lineInputs, saveWhen: improvement('confusion') });
    await expect(setup).rejects.toThrow(/metric "confusion".*whose value is not a number/);
  });

  it('is refused by the first validation otherwise: a custom metric', async () => {
    const { estimator } = classifier();
    await estimator.setup({ ...lineInputs, saveWhen: improvement('mine') });
    await expect(estimator.validate()).rejects.toThrow(/metric "mine".*not a number/);
  });
});

describe('without validation data', () => {
  const trainInputFn = lineInputFn();

  it('saveOnImprovement() is refused, since it would never save', async () => {
    const { estimator } = classifier();
    const setup = estimator.setup({ trainInputFn, saveWhen: improvement('loss') });
    await expect(setup).rejects.toThrow(/saveWhen of setup\(\): expected a validationInputFn/);
    const both = saveOnAnyOf(improvement('loss'), improvement('accuracy'));
    await expect(estimator.setup({ trainInputFn, saveWhen: both })).rejects.toThrow(/saveWhen/);
    const other = classifier({ hasSpec: false }).estimator;
    const noSpec = other.setup({ ...lineInputs, saveWhen: improvement('loss') });
    await expect(noSpec).rejects.toThrow(/model function with an EvaluationSpec/);
  });

  it('a message tells that nothing measures the metric', async () => {
    const { estimator, ports } = classifier();
    rankBy(ports.store, 'accuracy');
    const saveWhen = saveOnAnyOf(saveEveryNSteps(5), improvement('loss'));
    await estimator.setup({ trainInputFn, saveWhen });
    expect(ports.progress.log).toEqual([
      'trainSaverArgs refers to the metric "accuracy", but without validationInputFn nothing measures it.',
      'saveWhen refers to the metric "loss", but without validationInputFn nothing measures it.',
    ]);
  });
});

describe('the best checkpoint', () => {
  it('is the latest one, with a message, if none was validated or none has a finite value', async () => {
    const { estimator, ports } = createLineEstimator();
    await estimator.setup(lineInputs);
    await estimator.train().saveCkpt();
    await estimator.train().saveCkpt();
    await estimator.restoreBestCkpt();
    expect(estimator.globalStep).toBe(10);
    expect(ports.progress.log.at(-1)).toMatch(/No checkpoint has been validated.*model_iter-10/);
    await ports.store.recordMetrics(5, { loss: Number.NaN });
    await ports.store.recordMetrics(10, { loss: Number.NaN });
    const next = createLineEstimator({}, new MemoryPorts(ports.store));
    await next.estimator.recover({ fromBest: true });
    expect(next.estimator.globalStep).toBe(10);
    expect(next.ports.progress.log.at(-1)).toMatch(
      /No checkpoint has a finite loss.*model_iter-10/,
    );
    await ports.store.recordMetrics(5, { loss: 3 });
    await next.estimator.restoreBestCkpt();
    expect(next.estimator.globalStep).toBe(5);
    expect(next.ports.progress.log).toHaveLength(1);
  });
});

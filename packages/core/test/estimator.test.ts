import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type AnyModelFn,
  Dataset,
  Estimator,
  EvaluationSpec,
  getVariable,
  type InputFn,
  layers,
  MissingFeatureError,
  ModelDirInUseError,
  ModelFnError,
  NoCheckpointError,
  NonFiniteLossError,
  NotReadyError,
  OptionError,
  PredictArgumentsError,
  PredictSpec,
  type SaveTrigger,
  summary,
  TrainSpec,
  UnknownFeatureError,
  VariableMismatchError,
} from '../src';
import { lineInputFn, lineModelFn, linePoints } from './line-model';
import { MemoryPorts, MemoryStore } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

const make = (params: Parameters<typeof lineModelFn>[2] = {}, ports = new MemoryPorts()) => ({
  ports,
  estimator: new Estimator({ modelFn: lineModelFn, params, seed: 7 }, ports),
});

/** Gradient descent whose rate shrinks by a tenth each step: a scalar of state. */
class Slowing extends tf.Optimizer {
  static readonly className = 'Slowing';
  readonly #rate = tf.variable(tf.scalar(0.1), false);
  override applyGradients(
    gradients: tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[],
  ): void {
    if (!Array.isArray(gradients)) throw new TypeError('expected gradients by place');
    const variables = tf.engine().registeredVariables;
    tf.tidy(() => {
      for (const { name, tensor } of gradients) {
        const variable = variables[name];
        variable?.assign(variable.sub(tensor.mul(this.#rate)));
      }
      this.#rate.assign(this.#rate.mul(0.9));
    });
  }
  override async getWeights() {
    return [{ name: 'rate', tensor: this.#rate as tf.Tensor }];
  }
  override async setWeights([rate]: { name: string; tensor: tf.Tensor }[]) {
    if (rate) this.#rate.assign(rate.tensor as tf.Scalar);
  }
  getConfig() {
    return {};
  }
}

const inputs = { trainInputFn: lineInputFn(), validationInputFn: lineInputFn(20, 6) };

describe('the loop', () => {
  it('trains, validates and saves in rounds, and the loss falls', async () => {
    const { estimator, ports } = make();
    await estimator.setup(inputs);
    const losses: number[] = [];
    for (let round = 0; round < 5; round++) {
      const { loss, error } = await estimator.train().validate();
      expect(error).toBeGreaterThan(0);
      losses.push(loss);
      expect(await estimator.saveCkpt()).toBe(`model_iter-${5 * (round + 1)}`);
    }
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
    expect(estimator.globalStep).toBe(25);
    expect([...estimator.checkpoints.keys()]).toEqual([5, 10, 15, 20, 25]);
    expect(ports.sinks.train.losses.map(({ step }) => step)).toEqual(
      Array.from({ length: 25 }, (_, i) => i + 1),
    );
    expect(ports.sinks.validation.points.map(({ tag, step }) => `${tag}@${step}`)).toEqual(
      [5, 10, 15, 20, 25].flatMap((step) => [`error@${step}`, `loss@${step}`]),
    );
  });

  it('logs the learning rate and the steps per second by themselves', async () => {
    const { estimator, ports } = make();
    await estimator.setup(inputs);
    await estimator.train();
    (estimator.session.optimizer as tf.SGDOptimizer).setLearningRate(0.025);
    await estimator.train();
    const points = (wanted: string) => ports.sinks.train.points.filter(({ tag }) => tag === wanted);
    const rates = points('learning_rate').map(({ step, value }) => [step, value]);
    expect(rates.slice(0, 2)).toEqual([
      [1, 0.1],
      [5, 0.1],
    ]);
    expect(rates.at(-1)).toEqual([10, 0.025]);
    expect(points('global_step/sec').every(({ value }) => value > 0)).toBe(true);
  });

  it('shows no total in the first round, and the last length from the second on', async () => {
    const { estimator, ports } = make();
    await estimator.setup(inputs);
    await estimator.train().validate();
    await estimator.train({ maxSteps: 2 });
    await estimator.train().validate();
    expect(ports.progress.log.filter((line) => line.startsWith('begin'))).toEqual([
      'begin Training (1) of ?',
      'begin Validation of ?',
      'begin Training (2) of 2',
      'begin Training (3) of 2',
      'begin Validation of 4',
    ]);
  });

  it('starts the dataset anew after maxSteps', async () => {
    const { estimator } = make();
    const seen: number[] = [];
    const trainInputFn = () =>
      Dataset.fromTensorSlices(linePoints(16))
        .batch(4)
        .map((batch) => {
          seen.push(batch.x.dataSync()[0] ?? Number.NaN);
          return { x: batch.x.clone(), y: batch.y.clone() };
        });
    await estimator.setup({ trainInputFn });
    seen.length = 0;
    await estimator.train({ maxSteps: 2 });
    await estimator.train({ maxSteps: 1 });
    expect(estimator.globalStep).toBe(3);
    expect(seen.slice(0, 2)).toEqual([0, expect.closeTo(4 / 17)]);
    expect(seen.at(-1)).toBe(0);
  });

  it('calls the input function again when it gave a generator', async () => {
    const { estimator } = make();
    let calls = 0;
    const trainInputFn = function* () {
      calls += 1;
      for (let i = 0; i < 3; i++) yield { x: tf.ones([2, 1]), y: tf.ones([2, 1]) };
    };
    await estimator.setup({ trainInputFn });
    await estimator.train();
    await estimator.train();
    expect(estimator.globalStep).toBe(6);
    expect(calls).toBe(3);
  });

  it("takes a tf.data.Dataset, and plain arrays whose tensors stay the user's", async () => {
    const before = tf.memory().numTensors;
    const batches = [{ x: tf.ones([2, 1]), y: tf.ones([2, 1]) }];
    for (const trainInputFn of [
      () => tf.data.array([{ x: [1], y: [4] }]).batch(1),
      () => batches,
    ]) {
      const { estimator } = make();
      await estimator.setup({ trainInputFn });
      await estimator.train();
      await estimator.train();
      expect(estimator.globalStep).toBe(2);
      await estimator.close();
    }
    expect(batches[0]?.x.isDisposed).toBe(false);
    tf.dispose(batches);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('runs calls one after the other, in the order they were made', async () => {
    const { estimator } = make();
    const done: string[] = [];
    const note = (name: string) => () => {
      done.push(name);
    };
    await Promise.all([
      estimator.setup(inputs).then(note('setup')),
      estimator.train().then(note('train')),
      estimator.validate().then(note('validate')),
      estimator.saveCkpt().then(note('save')),
    ]);
    expect(done).toEqual(['setup', 'train', 'validate', 'save']);
    expect([...estimator.checkpoints.values()][0]?.metrics).toHaveProperty('error');
  });

  it('runs what is chained to a round right behind it, before later rounds', async () => {
    const { estimator } = make();
    await estimator.setup(inputs);
    const saves = [estimator.train().saveCkpt(), estimator.train().saveCkpt()];
    expect(await Promise.all(saves)).toEqual(['model_iter-5', 'model_iter-10']);
    const failing = estimator.train({ maxSteps: -1 });
    await expect(failing.validate()).rejects.toThrow(OptionError);
    await expect(failing).rejects.toThrow(OptionError);
    expect(estimator.globalStep).toBe(10);
  });

  it('lets an input function predict, and refuses what would wait for itself', async () => {
    const { estimator } = make();
    await estimator.setup(inputs);
    const predicting = async function* () {
      const { line } = await estimator.predict({ x: [[1]] });
      yield { x: tf.ones([1, 1]), y: tf.tensor(line) };
    };
    expect((await estimator.evaluate({ inputFn: predicting })).loss).toBeCloseTo(0);
    const training = async function* () {
      await estimator.train();
      yield { x: [[1]], y: [[1]] };
    };
    await expect(estimator.evaluate({ inputFn: training })).rejects.toThrow(
      /train\(\) was called inside another call/,
    );
  });

  it('lets signals in during validation, also without a progress bar', async () => {
    const { estimator } = make();
    await estimator.setup({ ...inputs, validationInputFn: lineInputFn(20_000, 1) });
    const signal = AbortSignal.timeout(100);
    await expect(estimator.validate({ signal })).rejects.toThrow(/timeout/);
  });

  it('stops between steps when a signal says so, with everything consistent', async () => {
    const { estimator, ports } = make();
    await estimator.setup({ trainInputFn: lineInputFn(4000, 1) });
    const controller = new AbortController();
    ports.progress.always = true;
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await expect(estimator.train({ signal: controller.signal })).rejects.toThrow('enough');
    const { globalStep } = estimator;
    expect(globalStep).toBeGreaterThan(0);
    expect(globalStep).toBeLessThan(4000);
    expect(ports.sinks.train.losses).toHaveLength(globalStep);
    await estimator.train({ maxSteps: 3 });
    expect(estimator.globalStep).toBe(globalStep + 3);
    expect(ports.progress.log.at(-1)).toBe('end');
  });

  it('gives the same losses for the same seed, also with dropout', async () => {
    const run = async () => {
      const { estimator, ports } = make({ rate: 0.5 });
      await estimator.setup(inputs);
      await estimator.train();
      await estimator.train();
      return ports.sinks.train.losses.map(({ value }) => value);
    };
    expect(await run()).toEqual(await run());
  });

  it('weighs the validation loss by examples, not by batches', async () => {
    const { estimator } = make();
    await estimator.setup(inputs);
    const { loss: inSixes } = await estimator.validate();
    const inputFn = lineInputFn(20, 20);
    const { loss: atOnce } = await estimator.evaluate({ inputFn });
    expect(inSixes).toBeCloseTo(atOnce, 5);
  });
});

describe('memory', () => {
  it('is back to the model and the optimizer after every call', async () => {
    const { estimator } = make({ optimizer: () => tf.train.adam(0.01), rate: 0.2 });
    const start = tf.memory().numTensors;
    await estimator.setup(inputs);
    await estimator.train();
    const own = tf.memory().numTensors;
    const stays = async (call: () => Promise<unknown>) => {
      await call();
      expect(tf.memory().numTensors).toBe(own);
    };
    await stays(() => estimator.train().validate());
    await stays(() => estimator.saveCkpt());
    await stays(() => estimator.evaluate({ inputFn: inputs.trainInputFn }));
    await stays(() => estimator.predict({ x: [[1]] }));
    await stays(async () => {
      for await (const _ of estimator.predict({ inputFn: inputs.trainInputFn })) break;
    });
    await stays(() => estimator.restoreLatestCkpt());
    await stays(() => estimator.setup(inputs));
    await estimator.close();
    expect(tf.memory().numTensors).toBe(start);
  });

  it('is unchanged when a call throws', async () => {
    const { estimator } = make({ optimizer: () => tf.train.adam(0.01) });
    await estimator.setup(inputs);
    await estimator.train();
    const own = tf.memory().numTensors;
    const changing = function* () {
      yield { x: tf.ones([2, 1]), y: tf.ones([2, 1]) };
      yield { x: tf.ones([2, 3]), y: tf.ones([2, 1]) };
    };
    await expect(estimator.evaluate({ inputFn: changing })).rejects.toThrow('feature "x"');
    await expect(estimator.predict({ z: [[1]] } as never)).rejects.toThrow(UnknownFeatureError);
    await expect(estimator.predict({ x: [1, 2] })).rejects.toThrow('feature "x"');
    await expect(estimator.restoreCkpt('model_iter-999')).rejects.toThrow('no checkpoint');
    expect(tf.memory().numTensors).toBe(own);
    await estimator.setup({ trainInputFn: changing }).catch(() => {});
    const { globalStep } = estimator;
    await expect(estimator.train()).rejects.toThrow('feature "x"');
    expect(estimator.globalStep).toBe(globalStep + 1);
    expect(tf.memory().numTensors).toBe(own);
  });

  it.each<[string, (loss: tf.Scalar) => tf.Scalar]>([
    [
      'the loss function throws',
      () => {
        throw new Error('broken');
      },
    ],
    [
      'there is no gradient',
      (loss) => tf.denseBincount(tf.tensor1d([0], 'int32'), loss.as1D(), 1).asScalar(),
    ],
    ['no variable is involved', () => tf.scalar(1).square()],
  ])('is unchanged when %s in a training step', async (_, breaking) => {
    let isBroken = false;
    const modelFn = (features: { x: tf.Tensor2D }) => {
      const loss = () => {
        const mean = layers.dense(features.x, { units: 2 }).square().mean() as tf.Scalar;
        return isBroken ? breaking(mean) : mean;
      };
      return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null] as const;
    };
    const estimator = new Estimator({ modelFn }, new MemoryPorts());
    await estimator.setup(inputs);
    await estimator.train();
    const own = tf.memory().numTensors;
    isBroken = true;
    for (let attempt = 0; attempt < 2; attempt++) {
      await expect(estimator.train()).rejects.toThrow();
      expect(tf.memory().numTensors).toBe(own);
    }
    isBroken = false;
    await estimator.train();
  });

  it('is given back when fromDisk or the logs fail', async () => {
    const ports = new MemoryPorts();
    const first = make({}, ports);
    await first.estimator.setup(inputs);
    await first.estimator.saveCkpt();
    const before = tf.memory().numTensors;
    const modelFn = (features: { x: tf.Tensor2D }) => {
      const loss = layers.dense(features.x, { units: 9 }).mean();
      return [new TrainSpec({ loss, optimizer: () => tf.train.adam(0.1) }), null, null] as const;
    };
    const other = new Estimator({ modelFn }, new MemoryPorts(ports.store));
    await expect(other.recover()).rejects.toThrow(VariableMismatchError);
    const broken = new MemoryPorts();
    broken.summaries = () => {
      throw new Error('no disk');
    };
    const { estimator } = make({}, broken);
    await expect(estimator.setup(inputs)).rejects.toThrow('no disk');
    await expect(estimator.predict({ x: [[1]] })).rejects.toThrow(NotReadyError);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is given back when the first setup fails', async () => {
    const before = tf.memory().numTensors;
    const modelFn = (features: { x: tf.Tensor2D }) => {
      layers.dense(features.x, { units: 3 });
      getVariable('free', { shape: [2] });
      throw new Error('broken');
    };
    const estimator = new Estimator({ modelFn: modelFn as AnyModelFn }, new MemoryPorts());
    await expect(estimator.setup(inputs)).rejects.toThrow('broken');
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('prediction', () => {
  it('goes by name, by position and over a dataset, in three forms', async () => {
    const { estimator } = make();
    await estimator.setup(inputs);
    const { line } = await estimator.predict({ x: [[0], [1]] });
    expect(line).toHaveLength(2);
    const positional = await estimator.predict([[0], [1]]);
    expect(positional.line).toEqual(line);
    const typed = await estimator.predict({ x: [[0], [1]] }, { as: 'typed' });
    expect(typed.line.shape).toEqual([2, 1]);
    expect([...typed.line.data]).toEqual((line as number[][]).flat());
    const tensors = await estimator.predict({ x: [[0], [1]] }, { as: 'tensor' });
    expect(tensors.line.arraySync()).toEqual(line);
    tensors.line.dispose();
    const shapes: number[][] = [];
    for await (const batch of estimator.predict({ inputFn: lineInputFn(20, 8), as: 'typed' })) {
      shapes.push(batch.line.shape);
    }
    expect(shapes).toEqual([
      [8, 1],
      [8, 1],
      [4, 1],
    ]);
  });

  it('over a dataset keeps its place among other calls', async () => {
    const { estimator } = make();
    await estimator.setup(inputs);
    const inputFn = () => [{ x: [[1]] }];
    const { line } = await estimator.predict({ x: [[1]] });
    const first = estimator.predict({ inputFn }).next();
    const training = estimator.train();
    expect((await first).value?.line).toEqual(line);
    await training;
    for await (const _ of estimator.predict({ inputFn })) await estimator.train({ maxSteps: 1 });
    expect(estimator.globalStep).toBe(6);
  });

  it('takes exactly one of its forms', async () => {
    const { estimator } = make();
    await estimator.setup(inputs);
    const wrong = [[], [{}], [{ inputFn: inputs.trainInputFn, x: [[1]] }], [{ x: [[1]] }, [[1]]]];
    for (const args of wrong) {
      const predict = async () => (estimator.predict as (...all: unknown[]) => unknown)(...args);
      await expect(predict()).rejects.toThrow(PredictArgumentsError);
    }
  });

  /** Reads `y` whatever is asked for; with `peek` it also looks at its data, which no graph can. */
  const straightThrough = (peek: boolean) => (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
    const line = layers.dense(features.x, { units: 1 });
    if (peek) line.dataSync();
    const loss = tf.losses.meanSquaredError(features.y, line);
    return [
      new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }),
      null,
      new PredictSpec({ output: { line } }),
    ] as const;
  };

  it('needs only the features that the outputs need, however the model function is written', async () => {
    const estimator = new Estimator({ modelFn: straightThrough(false) }, new MemoryPorts());
    await estimator.setup(inputs);
    const { line } = await estimator.predict({ x: [[1], [2], [3]] });
    expect(line).toHaveLength(3);
    const predicting = estimator.predict({ y: [[1]] });
    await expect(predicting).rejects.toThrow(MissingFeatureError);
    await expect(predicting).rejects.toMatchObject({ feature: 'x' });
    await estimator.close();
  });

  it('names a feature that code which is no graph misses, and the way out', async () => {
    const ports = new MemoryPorts();
    const estimator = new Estimator({ modelFn: straightThrough(true) }, ports);
    await estimator.setup(inputs);
    expect(ports.progress.log.join()).toMatch(/Can't be traced.*fromDisk\(\) needs the modelFn/);
    const predicting = estimator.predict({ x: [[1]] });
    await expect(predicting).rejects.toThrow(MissingFeatureError);
    await expect(predicting).rejects.toThrow(/feature "y".*inside a function of the spec/);
    await estimator.close();
  });
});

describe('checkpoints', () => {
  it.each<[string, () => tf.Optimizer, number?]>([
    ['sgd', () => tf.train.sgd(0.1)],
    ['momentum', () => tf.train.momentum(0.05, 0.9)],
    ['adagrad', () => tf.train.adagrad(0.1)],
    ['adadelta', () => tf.train.adadelta(0.05)],
    ['adam', () => tf.train.adam(0.02)],
    ['adamax', () => tf.train.adamax(0.02)],
    ['rmsprop', () => tf.train.rmsprop(0.01, 0.9, 0.5)],
    // Without dropout: tfjs's centred RMSProp takes the root of -epsilon where a gradient is 0.
    ['centred rmsprop', () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-8, true), 0],
  ])('let a new process go on exactly where %s stopped', async (_, optimizer, rate = 0.3) => {
    const store = new MemoryStore();
    const first = make({ optimizer, rate }, new MemoryPorts(store));
    await first.estimator.setup(inputs);
    await first.estimator.train();
    await first.estimator.saveCkpt();
    await first.estimator.train();

    const second = make({ optimizer, rate }, new MemoryPorts(store));
    await second.estimator.recover();
    expect(second.estimator.globalStep).toBe(5);
    await second.estimator.setup(inputs);
    await second.estimator.train();
    expect(second.ports.sinks.train.losses.map(({ value }) => value)).toEqual(
      first.ports.sinks.train.losses.slice(5).map(({ value }) => value),
    );
    // And with steps that run the graph instead of the code.
    const options = { modelFn: lineModelFn, params: { optimizer, rate }, seed: 7 };
    const ports = new MemoryPorts();
    const graphed = new Estimator({ ...options, execution: 'graph' }, ports);
    await graphed.setup(inputs);
    await graphed.train();
    await graphed.saveCkpt();
    await graphed.train();
    expect(ports.sinks.train.losses.map(({ value }) => value)).toEqual(
      first.ports.sinks.train.losses.map(({ value }) => value),
    );
    expect(ports.store.snapshots.get(5)?.tensors).toEqual(store.snapshots.get(5)?.tensors);
    await graphed.close();

    // And without the model function: from the graph.
    const third = { ports: new MemoryPorts(store) };
    const graph = new Estimator({ modelFn: null }, third.ports);
    await graph.recover();
    await graph.setup(inputs);
    await graph.train();
    expect(third.ports.sinks.train.losses).toMatchObject(
      first.ports.sinks.train.losses.slice(5).map(({ value, step }) => ({ value, step })),
    );
    await graph.saveCkpt();
    expect(
      store.snapshots
        .get(10)
        ?.tensors.map(({ name }) => name)
        .sort(),
    ).toEqual(
      store.snapshots
        .get(5)
        ?.tensors.map(({ name }) => name)
        .sort(),
    );
    await first.estimator.close();
    await second.estimator.close();
    await graph.close();
  });

  it('carry the state of an optimizer of your own through its getWeights and setWeights', async () => {
    const store = new MemoryStore();
    const optimizer = () => new Slowing();
    const first = make({ optimizer }, new MemoryPorts(store));
    await first.estimator.setup(inputs);
    await first.estimator.train();
    await first.estimator.saveCkpt();
    await first.estimator.train();
    const second = make({ optimizer }, new MemoryPorts(store));
    await second.estimator.recover();
    await second.estimator.setup(inputs);
    const own = tf.memory().numTensors;
    await second.estimator.train();
    expect(tf.memory().numTensors).toBe(own);
    expect(second.ports.sinks.train.losses.map(({ value }) => value)).toEqual(
      first.ports.sinks.train.losses.slice(5).map(({ value }) => value),
    );
    class Stateless extends Slowing {
      override getWeights = () => Promise.reject(new Error('not implemented'));
    }
    const third = make({ optimizer: () => new Stateless() });
    await third.estimator.setup(inputs);
    await expect(third.estimator.saveCkpt()).rejects.toThrow(/optimizer Slowing.*not implemented/);
  });

  it('run without code in every way, leak nothing, and know no graph of an optimizer of your own', async () => {
    const store = new MemoryStore();
    const { estimator } = make({ rate: 0.5 }, new MemoryPorts(store));
    await estimator.setup(inputs);
    await estimator.train().saveCkpt();
    const x = [[0.1], [0.2]];
    const inputFn = inputs.validationInputFn;
    const uses = async (each: Pick<typeof estimator, 'predict' | 'evaluate'>) => [
      await each.predict({ x }),
      await each.predict({ x }, { isTraining: true }),
      await each.evaluate({ inputFn }),
      await each.evaluate({ inputFn, isTraining: true }),
    ];
    const expected = await uses(estimator);
    expect(expected[0]).not.toEqual(expected[1]);
    await estimator.close();

    const ports = new MemoryPorts(store);
    const graph = new Estimator({ modelFn: null }, ports);
    await expect(graph.setup(inputs)).rejects.toThrow(/fromDisk/);
    await graph.recover();
    expect(await uses(graph as never)).toEqual(expected);
    await graph.setup(inputs);
    expect(ports.sinks.train.graphs).toHaveLength(1);
    await graph.train().validate();
    const { numTensors } = tf.memory();
    await graph.train().validate();
    await uses(graph as never);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(ports.sinks.train.points.some(({ tag }) => tag === 'learning_rate')).toBe(true);
    await graph.close();

    const own = make({ optimizer: () => new Slowing() });
    await own.estimator.setup(inputs);
    expect(own.ports.progress.log.join()).toMatch(/one that checkpoints do not contain/);
    await own.estimator.close();
    const params = { optimizer: () => new Slowing() };
    const options = { modelFn: lineModelFn, params, execution: 'graph' } as const;
    const never = new Estimator(options, new MemoryPorts());
    await expect(never.setup(inputs)).rejects.toThrow(/'graph' needs a model function that can be traced.*getVariable/);
    expect(() => new Estimator({ ...options, execution: 'fast' as 'graph' }, ports)).toThrow(
      OptionError,
    );
  });

  it('are claimed before the first step, so that nothing trains in a directory that is taken', async () => {
    const { estimator, ports } = make();
    await estimator.setup(inputs);
    ports.store.taken = new Error('taken by process 7');
    await expect(estimator.train()).rejects.toThrow('taken by process 7');
    expect(estimator.globalStep).toBe(0);
    ports.store.taken = undefined;
    await estimator.train();
    expect(estimator.globalStep).toBe(5);
    await estimator.close();
  });

  it('give back exactly the metrics that were recorded', async () => {
    const { estimator } = make({ optimizer: () => tf.train.adam(0.05) });
    await estimator.setup(inputs);
    const recorded: Record<string, number>[] = [];
    for (let round = 0; round < 5; round++) {
      recorded.push(await estimator.train().validate());
      await estimator.saveCkpt();
    }
    const { validationInputFn: inputFn } = inputs;
    for (const [index, { file, metrics: saved }] of [...estimator.checkpoints.values()].entries()) {
      await estimator.restoreCkpt(file);
      expect(await estimator.evaluate({ inputFn })).toEqual(recorded[index]);
      expect(saved).toEqual(recorded[index]);
    }
    await estimator.restoreBestCkpt();
    const losses = recorded.map(({ loss }) => loss ?? 0);
    expect((await estimator.evaluate({ inputFn })).loss).toBe(Math.min(...losses));
    await estimator.restoreLatestCkpt();
    expect((await estimator.evaluate({ inputFn })).loss).toBe(losses.at(-1));
  });

  it('keep their metrics when restored by a relative prefix and saved again', async () => {
    const { estimator } = make();
    await estimator.setup(inputs);
    await estimator.train().validate();
    await estimator.saveCkpt();
    const { metrics } = estimator.checkpoints.get(5) ?? {};
    await estimator.restoreCkpt('./some/where/model_iter-5').catch(() => {});
    await estimator.restoreCkpt('model_iter-5');
    await estimator.saveCkpt();
    expect(estimator.checkpoints.get(5)?.metrics).toEqual(metrics);
    estimator.session.assign('dense/bias', tf.ones([4]));
    await estimator.saveCkpt();
    expect(estimator.checkpoints.get(5)?.metrics).toBeUndefined();
    await expect(estimator.restoreCkpt(5 as never)).rejects.toThrow(OptionError);
  });

  it('get the metrics of a validation that runs after the save', async () => {
    const { estimator } = make();
    await estimator.setup(inputs);
    await estimator.train().saveCkpt();
    const result = await estimator.validate();
    expect(estimator.checkpoints.get(5)?.metrics).toEqual(result);
  });

  it('of before the first step start an optimizer anew', async () => {
    const { estimator, ports } = make({ optimizer: () => tf.train.adam(0.05) });
    await estimator.setup(inputs);
    await estimator.saveCkpt();
    await estimator.train();
    const [file] = [...estimator.checkpoints.values()].map((entry) => entry.file);
    await estimator.restoreCkpt(file ?? '');
    expect(estimator.globalStep).toBe(0);
    const losses = ports.sinks.train.losses.map(({ value }) => value);
    ports.sinks.train.points.length = 0;
    const again = make({ optimizer: () => tf.train.adam(0.05) }, ports);
    await again.estimator.recover();
    await again.estimator.setup(inputs);
    await again.estimator.train();
    expect(ports.sinks.train.losses.map(({ value }) => value)).toEqual(losses);
  });

  it('that do not fit name the variable and both shapes, and change nothing', async () => {
    const modelFn = (units: number) => (features: { x: tf.Tensor2D }) => {
      const first = layers.dense(features.x, { units: 2 });
      const loss = layers.dense(first, { units, name: 'head' }).mean();
      return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null] as const;
    };
    const ports = new MemoryPorts();
    const small = new Estimator({ modelFn: modelFn(3) }, ports);
    await small.setup(inputs);
    await small.saveCkpt();
    const large = new Estimator({ modelFn: modelFn(4) }, new MemoryPorts(ports.store));
    await large.setup(inputs);
    const before = await large.session.variables.get('dense/kernel')?.data();
    const restoring = large.restoreLatestCkpt();
    await expect(restoring).rejects.toThrow(VariableMismatchError);
    await expect(restoring).rejects.toThrow(/"head\/kernel".*\[2,4\].*\[2,3\]/);
    expect(await large.session.variables.get('dense/kernel')?.data()).toEqual(before);
  });

  it('of an earlier run are not mixed with those of a new one', async () => {
    const ports = new MemoryPorts();
    const first = make({}, ports);
    await first.estimator.setup(inputs);
    await first.estimator.train().saveCkpt();
    const second = make({}, new MemoryPorts(ports.store));
    await second.estimator.setup(inputs);
    await expect(second.estimator.train()).rejects.toThrow(ModelDirInUseError);
    await second.estimator.restoreLatestCkpt();
    await second.estimator.train();
    expect(second.estimator.globalStep).toBe(10);
    expect(second.ports.opened).toEqual(['train@5']);
  });

  it('are needed to recover', async () => {
    const { estimator } = make();
    await expect(estimator.recover()).rejects.toThrow(NoCheckpointError);
    await expect(estimator.recover()).rejects.toThrow('No checkpoints to restore from');
  });
});

describe('saving by triggers', () => {
  const everySteps = (n: number): SaveTrigger => ({
    shouldSave: ({ globalStep }) => globalStep % n === 0,
  });

  it('asks after each step and each validation, with what there is', async () => {
    const moments: string[] = [];
    const saveWhen: SaveTrigger = {
      shouldSave: ({ globalStep, metrics, saved, now, startedAt }) => {
        moments.push(`${globalStep}${metrics ? ' validated' : ''} after ${saved.length}`);
        expect(now).toBeGreaterThanOrEqual(startedAt);
        return metrics !== undefined || globalStep === 2;
      },
    };
    const { estimator, ports } = make();
    await estimator.setup({ ...inputs, saveWhen });
    await estimator.train().validate();
    expect(moments).toEqual([
      '1 after 0',
      '2 after 0',
      '3 after 1',
      '4 after 1',
      '5 after 1',
      '5 validated after 1',
    ]);
    expect([...ports.store.snapshots.keys()]).toEqual([2, 5]);
    expect(ports.store.snapshots.get(5)?.metrics).toHaveProperty('loss');
  });

  it('saves what the model was at the step, also in the background', async () => {
    const ports = new MemoryPorts();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const save = ports.store.save.bind(ports.store);
    ports.store.save = async (snapshot) => {
      await held;
      return save(snapshot);
    };
    const { estimator } = make({}, ports);
    await estimator.setup({ ...inputs, saveInBackground: true });
    const before = await estimator.predict({ x: [[1]] });
    expect(await estimator.saveCkpt()).toBe('model_iter-0');
    expect(ports.store.snapshots.size).toBe(0);
    setTimeout(release, 20);
    await estimator.train();
    expect(await estimator.predict({ x: [[1]] })).not.toEqual(before);
    await estimator.restoreCkpt('model_iter-0');
    expect(await estimator.predict({ x: [[1]] })).toEqual(before);
    await estimator.close();
  });

  it('in the background lets training and validation go on, and is waited for by restores', async () => {
    const ports = new MemoryPorts();
    const save = ports.store.save.bind(ports.store);
    let isSlow = false;
    ports.store.save = async (snapshot) => {
      if (isSlow) await new Promise((resolve) => setTimeout(resolve, 200));
      return save(snapshot);
    };
    const { estimator } = make({}, ports);
    await estimator.setup({ ...inputs, saveInBackground: true });
    await estimator.train().saveCkpt();
    await estimator.restoreLatestCkpt();
    expect(estimator.globalStep).toBe(5);
    isSlow = true;
    await estimator.train().saveCkpt();
    await estimator.validate();
    await estimator.train();
    expect(ports.store.snapshots.size).toBe(1);
    await estimator.restoreLatestCkpt();
    expect(estimator.globalStep).toBe(10);
    expect(ports.store.snapshots.get(10)?.metrics).toHaveProperty('loss');
    await estimator.train().saveCkpt();
    await estimator.setup(inputs);
    expect([...estimator.checkpoints.keys()]).toEqual([5, 10, 15]);
    await estimator.close();
  });

  it('takes values and step of one moment, also when an input function saves', async () => {
    const modelFn = (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
      const count = getVariable('count', { shape: [], initializer: () => tf.scalar(0) });
      // With a rate of 1 the variable grows by 1 each step.
      const loss = count.neg().add(features.x.mean().mul(0)) as tf.Scalar;
      return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(1) }), null, null] as const;
    };
    const ports = new MemoryPorts();
    const estimator = new Estimator({ modelFn }, ports);
    const saves: Promise<string>[] = [];
    const trainInputFn = async function* () {
      for (let i = 0; i < 40; i++) {
        if (i % 10 === 9) saves.push(estimator.saveCkpt());
        yield { x: tf.ones([1, 1]), y: tf.ones([1, 1]) };
      }
    };
    await estimator.setup({ trainInputFn });
    await estimator.train();
    await Promise.all(saves);
    for (const [step, { tensors }] of ports.store.snapshots) {
      expect(tensors.find(({ name }) => name === 'count')?.data[0]).toBe(step);
    }
    expect(ports.store.snapshots.size).toBeGreaterThan(1);
  });

  it('goes on after going back to an earlier checkpoint', async () => {
    const saveWhen: SaveTrigger = {
      shouldSave: ({ globalStep, saved }) => globalStep - (saved.at(-1)?.globalStep ?? 0) >= 5,
    };
    const { estimator, ports } = make();
    ports.store.now = Date.now;
    await estimator.setup({ ...inputs, saveWhen });
    for (let round = 0; round < 3; round++) await estimator.train();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await estimator.restoreCkpt('model_iter-5');
    const times = () => [10, 15].map((step) => ports.store.snapshots.get(step)?.savedAt ?? 0);
    const before = times();
    await estimator.train();
    await estimator.train();
    times().forEach((time, index) => {
      expect(time).toBeGreaterThan(before[index] ?? 0);
    });
  });

  it('tells of a failed save in the background at the next call', async () => {
    const ports = new MemoryPorts();
    const { estimator } = make({}, ports);
    await estimator.setup({ ...inputs, saveInBackground: true, saveWhen: everySteps(5) });
    const save = ports.store.save.bind(ports.store);
    ports.store.save = () => Promise.reject(new Error('disk is full'));
    await estimator.train();
    await expect(estimator.saveCkpt()).rejects.toThrow('disk is full');
    ports.store.save = save;
    await estimator.saveCkpt();
    await estimator.close();
    expect([...ports.store.snapshots.keys()]).toEqual([5]);
  });
});

describe('going back', () => {
  it('takes up the rounds too, so that the data comes in the same order again', async () => {
    const { estimator, ports } = make({ rate: 0.2 });
    await estimator.setup(inputs);
    await estimator.train().saveCkpt();
    await estimator.train();
    await estimator.train();
    await estimator.restoreCkpt('model_iter-5');
    await estimator.train();
    const losses = ports.sinks.train.losses.map(({ value }) => value);
    expect(losses.slice(15)).toEqual(losses.slice(5, 10));
  });
});

describe('an optimizer given as a value', () => {
  it('stays usable when the estimator is closed', async () => {
    const optimizer = tf.train.adam(0.05);
    const modelFn = (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
      const line = layers.dense(features.x, { units: 1 });
      const loss = () => tf.losses.meanSquaredError(features.y, line);
      return [new TrainSpec({ loss, optimizer }), null, null] as const;
    };
    const own = tf.memory().numTensors;
    for (let time = 0; time < 2; time++) {
      const estimator = new Estimator({ modelFn, seed: 1 }, new MemoryPorts());
      await estimator.setup(inputs);
      await estimator.train();
      await estimator.close();
      expect(tf.memory().numTensors).toBe(own);
    }
    optimizer.dispose();
  });
});

describe('a damaged checkpoint', () => {
  const withThree = async () => {
    const ports = new MemoryPorts();
    const { estimator } = make({}, ports);
    await estimator.setup(inputs);
    for (let round = 0; round < 3; round++) await estimator.train().saveCkpt();
    return { estimator, ports };
  };

  it('is passed over for the newest that is whole, when asked, and named', async () => {
    const { estimator, ports } = await withThree();
    ports.store.damaged.add(15);
    await expect(estimator.restoreLatestCkpt()).rejects.toThrow('model_iter-15 is damaged');
    expect(estimator.globalStep).toBe(15);
    await estimator.restoreLatestCkpt({ fallback: true });
    expect(estimator.globalStep).toBe(10);
    expect(ports.progress.log.at(-1)).toMatch(/Skipped the damaged checkpoint.*model_iter-15/);
  });

  it('is passed over when starting from the directory', async () => {
    const { ports } = await withThree();
    ports.store.damaged.add(15).add(10);
    const { estimator, ports: own } = make({}, new MemoryPorts(ports.store));
    await estimator.recover();
    expect(estimator.globalStep).toBe(5);
    expect(own.progress.log.filter((line) => line.startsWith('Skipped'))).toHaveLength(2);
    ports.store.damaged.add(5);
    const third = make({}, new MemoryPorts(ports.store)).estimator;
    await expect(third.recover()).rejects.toThrow(/all are damaged/);
  });
});

describe('recovery', () => {
  it('predicts and evaluates at once; training needs setup', async () => {
    const ports = new MemoryPorts();
    const first = make({}, ports);
    await first.estimator.setup(inputs);
    await first.estimator.train().validate();
    await first.estimator.saveCkpt();
    const { line } = await first.estimator.predict({ x: [[0.5]] });

    const { estimator, ports: own } = make({}, new MemoryPorts(ports.store));
    await estimator.recover({ fromBest: true });
    expect((await estimator.predict({ x: [[0.5]] })).line).toEqual(line);
    expect(await estimator.evaluate({ inputFn: inputs.validationInputFn })).toEqual(
      ports.store.snapshots.get(5)?.metrics,
    );
    await expect(estimator.train()).rejects.toThrow('train method');
    await expect(estimator.validate()).rejects.toThrow('validate method');
    await estimator.setup(inputs);
    await estimator.train().validate();
    expect(own.progress.log).toContain('begin Training (2) of 5');
    expect(own.progress.log).toContain('begin Validation of 4');
  });
});

describe('what a directory remembers', () => {
  const sequences = (features: { x: tf.Tensor3D; y: tf.Tensor2D }) => {
    // Takes at least three steps: a first example of length 1 would not do.
    const conv = layers.conv1d(features.x, { filters: 2, kernelSize: 3 });
    const line = layers.dense(layers.globalMaxPooling1d(conv), { units: 1 });
    const loss = () => tf.losses.meanSquaredError(features.y, line);
    return [
      new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.001) }),
      null,
      new PredictSpec({ output: { line } }),
    ] as const;
  };
  const trainInputFn = function* () {
    for (const length of [5, 4, 7]) yield [tf.ones([2, length, 1]), tf.ones([2, 1])];
  };

  it('is open dimensions, names of members, and which checkpoints to keep', async () => {
    const ports = new MemoryPorts();
    const saverArgs: unknown[] = [];
    ports.store.configure = (args) => void saverArgs.push(args);
    const first = new Estimator({ modelFn: sequences }, ports);
    const inputShapes = { x: [null, null, 1] };
    const dataKeys = ['x', 'y'];
    await first.setup({ trainInputFn, dataKeys, inputShapes, trainSaverArgs: { maxToKeep: null } });
    await first.train().saveCkpt();
    const second = new Estimator({ modelFn: sequences }, ports);
    await second.recover();
    await second.setup({ trainInputFn });
    await second.train();
    expect(second.globalStep).toBe(6);
    expect(saverArgs.at(-1)).toEqual({ maxToKeep: null });
    const wrong = { x: [null, 5] };
    await expect(second.setup({ trainInputFn, inputShapes: wrong })).rejects.toThrow(
      /inputShapes.x.*\[null,5,1\].*got \[null,5\]/,
    );
  });

  it('is the parameters, or that they must be given again', async () => {
    const circular: { rate: number; self?: unknown } = { rate: 0 };
    circular.self = circular;
    for (const [params, kept] of [
      [{ rate: 0.5, extra: undefined, list: [1, { a: null }] }, true],
      [{ rate: 0, optimizer: () => tf.train.sgd(0.1) }, false],
      [circular, false],
    ] as const) {
      const ports = new MemoryPorts();
      const first = make(params as object, ports);
      await first.estimator.setup(inputs);
      await first.estimator.saveCkpt();
      const second = new Estimator({ modelFn: lineModelFn }, new MemoryPorts(ports.store));
      if (kept) expect((await second.recover()).params).toEqual(params);
      else await expect(second.recover()).rejects.toThrow(/params of fromDisk\(\)/);
    }
  });
});

describe('measuring in training mode', () => {
  it('leaves statistics as they were', async () => {
    const modelFn = (features: { x: tf.Tensor2D }, isTraining: boolean) => {
      const normal = layers.batchNormalization(features.x, { training: isTraining });
      const loss = layers.dense(normal, { units: 1 }).square().mean();
      return [
        new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }),
        new EvaluationSpec({ loss, metrics: {} }),
        new PredictSpec({ output: { normal } }),
      ] as const;
    };
    const estimator = new Estimator({ modelFn }, new MemoryPorts());
    await estimator.setup(inputs);
    await estimator.train();
    const mean = () => [
      ...(estimator.session.variables.get('batch_normalization/moving_mean')?.dataSync() ?? []),
    ];
    const before = mean();
    expect(before).not.toEqual([0]);
    await estimator.evaluate({ inputFn: inputs.trainInputFn, isTraining: true });
    await estimator.predict({ x: [[9], [9]] }, { isTraining: true });
    expect(mean()).toEqual(before);
    expect(await estimator.predict({ x: [[9], [9]] })).toEqual({
      normal: [[expect.any(Number)], [expect.any(Number)]],
    });
  });
});

describe('regularizers and constraints', () => {
  it('of layers count in training', async () => {
    const trained = async (config: object) => {
      const modelFn = (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
        const line = layers.dense(features.x, { units: 1, useBias: false, ...config });
        const loss = tf.losses.meanSquaredError(features.y, line);
        return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null] as const;
      };
      const ports = new MemoryPorts();
      const estimator = new Estimator({ modelFn, seed: 1 }, ports);
      await estimator.setup(inputs);
      for (let round = 0; round < 4; round++) await estimator.train();
      const [weight] = estimator.session.variables.get('dense/kernel')?.dataSync() ?? [];
      return Number(weight);
    };
    const free = await trained({});
    expect(free).toBeGreaterThan(2);
    const regularized = await trained({ kernelRegularizer: tf.regularizers.l2({ l2: 1 }) });
    expect(regularized).toBeLessThan(free / 2);
    const model = () =>
      tf.sequential({
        layers: [
          tf.layers.dense({
            units: 1,
            inputShape: [1],
            kernelInitializer: 'ones',
            kernelRegularizer: tf.regularizers.l2({ l2: 0.01 }),
          }),
        ],
      });
    const penalty = async (apply: (x: tf.Tensor) => tf.Tensor) => {
      const modelFn = (features: { x: tf.Tensor2D }) => {
        const loss = apply(features.x).mean().mul(0);
        return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, null] as const;
      };
      const ports = new MemoryPorts();
      const estimator = new Estimator({ modelFn, seed: 1 }, ports);
      await estimator.setup(inputs);
      await estimator.train({ maxSteps: 1 });
      return ports.sinks.train.losses[0]?.value;
    };
    const whole = model();
    expect(await penalty((x) => layers.apply(whole, x))).toBeCloseTo(0.01);
    const kernelRegularizer = tf.regularizers.l2({ l2: 0.1 });
    const lstm = { units: 2, kernelInitializer: 'ones', kernelRegularizer } as const;
    expect(await penalty((x) => layers.lstm(x.expandDims(1), lstm))).toBeCloseTo(0.8);
    const constrained = await trained({
      kernelConstraint: tf.constraints.maxNorm({ maxValue: 0.5 }),
    });
    expect(constrained).toBeCloseTo(0.5, 3);
  });
});

describe('a closed estimator', () => {
  it('says so, and is closed also when a sink fails', async () => {
    const ports = new MemoryPorts();
    const before = tf.memory().numTensors;
    const { estimator } = make({}, ports);
    await estimator.setup(inputs);
    ports.sinks.train.close = () => Promise.reject(new Error('disk is full'));
    await expect(estimator.close()).rejects.toThrow('disk is full');
    expect(tf.memory().numTensors).toBe(before);
    await expect(estimator.setup(inputs)).rejects.toThrow(/closed/);
  });
});

describe('positional datasets', () => {
  it('name their members 0, 1, 2 … or by dataKeys', async () => {
    const { x, y } = linePoints(12);
    const trainInputFn = () => Dataset.fromTensorSlices([x, y]).batch(4);
    const unnamed = new Estimator(
      {
        modelFn: (features: Record<string, tf.Tensor2D>, isTraining: boolean, params: object) =>
          lineModelFn(
            {
              x: features[0] as tf.Tensor2D,
              get y() {
                return features[1] as tf.Tensor2D;
              },
            },
            isTraining,
            params,
          ),
      },
      new MemoryPorts(),
    );
    await unnamed.setup({ trainInputFn });
    await unnamed.train();
    expect(Object.keys(unnamed.graph.inputSignature)).toEqual(['0', '1']);
    const { estimator } = make();
    await estimator.setup({ trainInputFn, dataKeys: ['x', 'y'] });
    await estimator.train();
    expect(Object.keys(estimator.graph.inputSignature)).toEqual(['x', 'y']);
    expect((await estimator.predict([[0.5]])).line).toHaveLength(1);
    expect((await unnamed.predict([[0.5]])).line).toHaveLength(1);
  });
});

describe('summaries', () => {
  it('land in the right run at the right global step', async () => {
    const modelFn = (features: { x: tf.Tensor2D; y: tf.Tensor2D }) => {
      const line = layers.dense(features.x, { units: 1 });
      summary.scalar('mean', features.x.mean());
      summary.histogram('line', line);
      summary.text('note', 'hello');
      summary.image('picture', features.x.reshape([1, -1, 1, 1]));
      const loss = tf.losses.meanSquaredError(features.y, line);
      return [
        new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }),
        new EvaluationSpec({ loss, metrics: {} }),
        null,
      ] as const;
    };
    const ports = new MemoryPorts();
    const estimator = new Estimator({ modelFn }, ports);
    await estimator.setup({ ...inputs, summarySteps: 2 });
    await estimator.train().validate();
    const { train, validation } = ports.sinks;
    expect(train.points.filter(({ tag }) => tag === 'mean').map(({ step }) => step)).toEqual([
      1, 3, 5,
    ]);
    expect(train.others.map(({ kind, step }) => `${kind}@${step}`)).toContain('histogram@3');
    const mean = linePoints(20).x.data.reduce((a, b) => a + b) / 20;
    expect(validation.points.find(({ tag }) => tag === 'mean')).toEqual({
      tag: 'mean',
      step: 5,
      value: expect.closeTo(mean, 5),
    });
    expect(validation.others.map(({ kind, step }) => `${kind}@${step}`)).toEqual([
      'histogram@5',
      'text@5',
      'images@5',
    ]);
  });
});

describe('bad input', () => {
  const withModel = (modelFn: unknown) =>
    new Estimator({ modelFn: modelFn as typeof lineModelFn }, new MemoryPorts());
  const optimizer = () => tf.train.sgd(0.1);
  type F = { x: tf.Tensor2D };
  const line = (features: F) => layers.dense(features.x, { units: 1 });

  it.each<[string, unknown, RegExp]>([
    ['nothing returned', () => undefined, /model function.*TrainSpec.*undefined/],
    ['a promise', async () => [], /promise.*synchronous/],
    ['no TrainSpec', () => [null, null, null], /\[null, null, null\]/],
    [
      'a loss with a shape',
      (features: F) => [new TrainSpec({ loss: line(features), optimizer }), null, null],
      /loss of TrainSpec.*scalar.*\[8,1\]/,
    ],
    [
      'a loss without variables',
      (features: F) => [new TrainSpec({ loss: features.x.mean(), optimizer }), null, null],
      /depends on none/,
    ],
    [
      'no optimizer',
      (features: F) => [
        new TrainSpec({ loss: line(features).mean(), optimizer: 3 as never }),
        null,
        null,
      ],
      /optimizer of TrainSpec/,
    ],
    [
      'metrics that are none',
      (features: F) => [
        new TrainSpec({ loss: line(features).mean(), optimizer }),
        new EvaluationSpec({ loss: features.x.mean(), metrics: { a: 3 as never } }),
        null,
      ],
      /metric "a"/,
    ],
    [
      'an output that is no dictionary',
      (features: F) => [
        new TrainSpec({ loss: line(features).mean(), optimizer }),
        null,
        new PredictSpec({ output: features.x as never }),
      ],
      /output of PredictSpec/,
    ],
    [
      'a layer name used twice',
      (features: F) => {
        layers.dense(features.x, { units: 1, name: 'same' });
        layers.dense(features.x, { units: 1, name: 'same' });
      },
      /"same".*second/,
    ],
  ])('of the model function: %s', async (_, modelFn, message) => {
    const estimator = withModel(modelFn);
    const trying = estimator.setup(inputs).then((ready) => ready.train());
    await expect(trying).rejects.toThrow(ModelFnError);
    await expect(trying).rejects.toThrow(message);
  });

  it('of an unknown feature names those there are', async () => {
    const estimator = withModel((features: { nope: tf.Tensor }) => features.nope.mean());
    await expect(estimator.setup(inputs)).rejects.toThrow(/"nope".*"x", "y"/);
  });

  it('of an optimizer made anew in every call is refused', async () => {
    const estimator = withModel((features: F) => [
      new TrainSpec({ loss: line(features).mean(), optimizer: tf.train.sgd(0.1) }),
      null,
      null,
    ]);
    const before = tf.memory().numTensors;
    await expect(estimator.setup(inputs)).rejects.toThrow(/same optimizer.*Pass a function/);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['an empty dataset', () => [], /trainInputFn.*at least one batch/],
    ['no dataset', () => 5, /trainInputFn/],
    ['batches that are no dictionaries', () => [5, 6], /trainInputFn, batch 0/],
  ])('of an input function: %s', async (_, trainInputFn, message) => {
    const { estimator } = make();
    await expect(estimator.setup({ trainInputFn: trainInputFn as () => never })).rejects.toThrow(
      message,
    );
    await estimator.setup(inputs);
    await estimator.train();
  });

  it('of options names the option', async () => {
    const { estimator } = make();
    await expect(estimator.setup({} as never)).rejects.toThrow(OptionError);
    await estimator.setup(inputs);
    await expect(estimator.train({ maxSteps: 0 })).rejects.toThrow(/maxSteps.*above 0.*got 0/);
    expect(() => new Estimator({ modelFn: lineModelFn, seed: -1 }, new MemoryPorts())).toThrow(
      OptionError,
    );
  });

  it('of a metric called loss is refused, and a summary of that name is not the loss', async () => {
    const modelFn = (features: F) => {
      const loss = line(features).mean();
      summary.scalar('loss', Number.NaN);
      return [new TrainSpec({ loss, optimizer }), null, null] as const;
    };
    const estimator = new Estimator({ modelFn }, new MemoryPorts());
    await estimator.setup(inputs);
    await estimator.train();
    const named = withModel((features: F) => [
      new TrainSpec({ loss: line(features).mean(), optimizer }),
      new EvaluationSpec({ loss: features.x.mean(), metrics: { loss: {} as never } }),
      null,
    ]);
    await expect(named.setup(inputs)).rejects.toThrow(/metric "loss".*another name/);
  });

  it('of calls out of order says what to call first', async () => {
    const { estimator } = make();
    await expect(estimator.train()).rejects.toThrow(
      'Must call setup with trainInputFn before using the train method',
    );
    await expect(estimator.validate()).rejects.toThrow('validate method');
    await expect(estimator.predict({ x: [[1]] })).rejects.toThrow(NotReadyError);
    await expect(estimator.saveCkpt()).rejects.toThrow(NotReadyError);
    await estimator.setup({ trainInputFn: inputs.trainInputFn });
    await expect(estimator.train().validate()).rejects.toThrow('validate method');
    const bare = withModel((features: F) => [
      new TrainSpec({ loss: line(features).mean(), optimizer }),
      null,
      null,
    ]);
    await bare.setup(inputs);
    await expect(bare.validate()).rejects.toThrow('EvaluationSpec');
    await expect(bare.predict({ x: [[1]] })).rejects.toThrow('PredictSpec');
  });

  it('of a loss that is not finite names the step, and policy decides', async () => {
    const modelFn = (features: F) => {
      const loss = line(features).mean().mul(features.x.mean());
      return [new TrainSpec({ loss, optimizer }), null, null] as const;
    };
    const trainInputFn = function* () {
      for (let i = 0; i < 5; i++) yield { x: tf.fill([2, 1], i === 2 ? Number.NaN : 1) };
    };
    const throwing = new Estimator({ modelFn }, new MemoryPorts());
    await throwing.setup({ trainInputFn });
    const training = throwing.train();
    await expect(training).rejects.toThrow(NonFiniteLossError);
    await expect(training).rejects.toThrow('global step 3');
    const ports = new MemoryPorts();
    const warning = new Estimator({ modelFn }, ports);
    await warning.setup({ trainInputFn, nanPolicy: 'warn' });
    await warning.train();
    expect(warning.globalStep).toBe(5);
    expect(ports.progress.log.filter((text) => text.includes('global step 3'))).toHaveLength(1);
  });
});

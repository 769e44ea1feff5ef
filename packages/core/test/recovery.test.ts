// Starting again from a directory, and what it stores of a run.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Estimator, layers, NoCheckpointError, PredictSpec, TrainSpec } from '../src';
import { createLineEstimator, lineInputs, lineModelFn } from './line-model';
import { MemoryPorts, MemoryStore } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

describe('recovery', () => {
  it('allows predictions and evaluations at once, and training after setup()', async () => {
    const ports = new MemoryPorts();
    const first = createLineEstimator({}, ports);
    await first.estimator.setup(lineInputs);
    await first.estimator.train().validate();
    await first.estimator.saveCkpt();
    const { line } = await first.estimator.predict({ x: [[0.5]] });

    const { estimator, ports: secondPorts } = createLineEstimator({}, new MemoryPorts(ports.store));
    await estimator.recover({ fromBest: true });
    expect((await estimator.predict({ x: [[0.5]] })).line).toEqual(line);
    expect(await estimator.evaluate({ inputFn: lineInputs.validationInputFn })).toEqual(
      ports.store.snapshots.get(5)?.metrics,
    );
    await expect(estimator.train()).rejects.toThrow('train method');
    await expect(estimator.validate()).rejects.toThrow('validate method');
    await estimator.setup(lineInputs);
    await estimator.train().validate();
    expect(secondPorts.progress.log).toContain('begin Training (2) of 5');
    expect(secondPorts.progress.log).toContain('begin Validation of 4');
  });

  it('needs a checkpoint', async () => {
    const { estimator } = createLineEstimator();
    await expect(estimator.recover()).rejects.toThrow(NoCheckpointError);
    await expect(estimator.recover()).rejects.toThrow('No checkpoints to restore from');
  });

  it('works without code for all methods, and leaks nothing', async () => {
    const store = new MemoryStore();
    const { estimator } = createLineEstimator({ rate: 0.5 }, new MemoryPorts(store));
    await estimator.setup(lineInputs);
    await estimator.train().saveCkpt();
    const x = [[0.1], [0.2]];
    const inputFn = lineInputs.validationInputFn;
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
    await expect(graph.setup(lineInputs)).rejects.toThrow(/fromDisk/);
    await graph.recover();
    expect(await uses(graph as never)).toEqual(expected);
    await graph.setup(lineInputs);
    expect(ports.sinks.train.graphs).toHaveLength(1);
    await graph.train().validate();
    const { numTensors } = tf.memory();
    await graph.train().validate();
    await uses(graph as never);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(ports.sinks.train.points.some(({ tag }) => tag === 'learning_rate')).toBe(true);
    await graph.close();
  });
});

describe('a directory stores', () => {
  const sequences = (features: { x: tf.Tensor3D; y: tf.Tensor2D }) => {
    // Needs a length of at least 3, so an example of length 1 would not do.
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

  it('open dimensions, names of tuple members, and the trainSaverArgs', async () => {
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

  it('the parameters, or that they must be passed again because JSON can not represent them', async () => {
    const circular: { rate: number; self?: unknown } = { rate: 0 };
    circular.self = circular;
    for (const [params, isJson] of [
      [{ rate: 0.5, extra: undefined, list: [1, { a: null }] }, true],
      [{ rate: 0, optimizer: () => tf.train.sgd(0.1) }, false],
      [circular, false],
    ] as const) {
      const ports = new MemoryPorts();
      const first = createLineEstimator(params as object, ports);
      await first.estimator.setup(lineInputs);
      await first.estimator.saveCkpt();
      const second = new Estimator({ modelFn: lineModelFn }, new MemoryPorts(ports.store));
      if (isJson) expect((await second.recover()).params).toEqual(params);
      else await expect(second.recover()).rejects.toThrow(/params of fromDisk\(\)/);
    }
  });
});

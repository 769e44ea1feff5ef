// What the estimator hands out does not give access to what it keeps.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import type { SaveMoment } from '../src';
import { createLineEstimator, lineInputs } from './line-model';

beforeAll(() => tf.setBackend('cpu'));

/** Whether a value and all that it contains is frozen. */
const isFrozen = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Object.isFrozen(value) && Object.values(value).every(isFrozen));

const trained = async () => {
  const moments: SaveMoment[] = [];
  const saveWhen = {
    shouldSave: (moment: SaveMoment) => {
      moments.push(moment);
      return false;
    },
  };
  const { estimator, ports } = createLineEstimator();
  await estimator.setup({ ...lineInputs, saveWhen });
  await estimator.train().validate();
  await estimator.saveCkpt();
  await estimator.train({ maxSteps: 1 });
  return { estimator, ports, moments };
};

it('the entries of checkpoints are frozen, and the map is a copy', async () => {
  const { estimator, ports } = await trained();
  const metrics = estimator.checkpoints.get(5)?.metrics;
  const loss = metrics?.loss;
  expect(() => Object.assign(metrics ?? {}, { loss: -5 })).toThrow(TypeError);
  expect(estimator.checkpoints.get(5)?.metrics?.loss).toBe(loss);
  expect(ports.store.snapshots.get(5)?.metrics?.loss).toBe(loss);
  expect([...estimator.checkpoints.values()].every(isFrozen)).toBe(true);
  (estimator.checkpoints as Map<number, unknown>).clear();
  expect(estimator.checkpoints.size).toBe(1);
});

it('what a trigger sees is frozen', async () => {
  const { moments } = await trained();
  expect(moments.at(-1)?.saved.map(({ globalStep }) => globalStep)).toEqual([5]);
  expect(moments.some(({ metrics }) => metrics !== undefined)).toBe(true);
  for (const { saved, metrics } of moments) expect([saved, metrics].every(isFrozen)).toBe(true);
});

it('hyperparameters are a frozen copy', async () => {
  const { estimator } = await trained();
  const { hyperparameters } = estimator;
  expect(isFrozen(hyperparameters)).toBe(true);
  estimator.learningRate = 0.5;
  expect(hyperparameters.learningRate).toBe(0.1);
});

it('the graph hands out frozen signatures, variables and operations', async () => {
  const { estimator } = await trained();
  const { graph, session } = estimator;
  expect(isFrozen(graph.inputSignature)).toBe(true);
  expect(isFrozen(graph.variables)).toBe(true);
  expect(isFrozen(graph.operations)).toBe(true);
  expect(isFrozen(graph.operation('dense/MatMul'))).toBe(true);
  expect(graph.operations).toBe(graph.operations);
  // The shapes of variables are copies of those that tfjs computes with.
  expect(session.variables.get('dense/kernel')?.shape).not.toBe(graph.variables[0]?.shape);
});

it('results of validations are the caller’s, and change nothing if they are changed', async () => {
  const { estimator } = await trained();
  const result = await estimator.validate();
  const { loss } = result;
  Object.assign(result, { loss: -5 });
  await estimator.saveCkpt();
  expect(estimator.checkpoints.get(6)?.metrics?.loss).toBe(loss);
});

it('options are copied', async () => {
  const { estimator } = createLineEstimator();
  const dataKeys = ['x', 'y'];
  const inputShapes = { x: [null, 1] };
  const trainInputFn = function* () {
    yield [tf.ones([2, 1]), tf.ones([2, 1])];
  };
  await estimator.setup({ trainInputFn, dataKeys, inputShapes } as never);
  dataKeys.reverse();
  inputShapes.x[1] = 7;
  await estimator.train();
  expect(estimator.globalStep).toBe(1);
  expect(estimator.graph.inputSignature.x?.shape).toEqual([null, 1]);
});

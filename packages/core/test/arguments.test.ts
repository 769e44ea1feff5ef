// Calls with wrong arguments, or at a wrong time.

import { uncheckedFunctions } from '@elistimator/tooling/public-surface';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  Estimator,
  ModelFnError,
  ModelGraph,
  NotReadyError,
  PredictSpec,
  Session,
  TrainChain,
  TrainSpec,
} from '../src';
import { createLineEstimator, lineInputs, lineModelFn } from './line-model';
import { MemoryPorts } from './memory-ports';

const { estimator } = createLineEstimator();
beforeAll(async () => {
  await tf.setBackend('cpu');
  await estimator.setup(lineInputs);
});
afterAll(() => estimator.close());

/** As JavaScript sees it. */
type Untyped = Record<string, (...args: unknown[]) => unknown>;
const untyped = estimator as unknown as Untyped;
const session = estimator.session as unknown as Untyped;
const graph = estimator.graph as unknown as Untyped;
const call = async (method: () => unknown) => method();

it('no public method ignores superfluous arguments', async () => {
  const unchecked = await uncheckedFunctions({ Estimator, ModelGraph, Session, TrainChain });
  // It takes any number of features.
  expect(unchecked).toEqual(['Estimator#predict()']);
});

it.each([
  ['train(10)', () => untyped.train?.(10), /options of train\(\): expected an object, got 10/],
  ['train({}, 1)', () => untyped.train?.({}, 1), /train\(\): expected at most 1 argument/],
  ['validate(null)', () => untyped.validate?.(null), /options of validate\(\).*got null/],
  ['close(1)', () => untyped.close?.(1), /close\(\): expected no arguments/],
  ['saveCkpt(name)', () => untyped.saveCkpt?.('name'), /options of saveCkpt\(\).*got name/],
  ['setup()', () => untyped.setup?.(), /trainInputFn of setup\(\).*got undefined/],
  ['setup(dataset)', () => untyped.setup?.({ trainInputFn: [] }), /trainInputFn.*got an array/],
  ['evaluate()', () => untyped.evaluate?.(), /inputFn of evaluate\(\).*got undefined/],
  ['predict()', () => untyped.predict?.(), /predict\(\): expected exactly one of/],
  ['predict(undefined)', () => untyped.predict?.(undefined), /feature "x".*got undefined/],
  ['setHyperparameters()', () => untyped.setHyperparameters?.(), /"changes" of setHyper/],
  ['assignVariables()', () => untyped.assignVariables?.(), /assignVariables\(\).*got undefined/],
  ['assignVariables([1])', () => untyped.assignVariables?.([1]), /tensor 0 of assignVariables/],
  ['restoreCkpt()', () => untyped.restoreCkpt?.(), /restoreCkpt\(\).*got undefined/],
  ['restoreLatestCkpt(true)', () => untyped.restoreLatestCkpt?.(true), /restoreLatestCkpt.*true/],
  ['session.run()', () => session.run?.(), /session.run\(\).*got undefined/],
  ['session.run("line", [1])', () => session.run?.('line', [1]), /feeds.*got an array/],
  ['session.assign()', () => session.assign?.(), /session.assign\(\).*got undefined/],
  ['session.assign(name)', () => session.assign?.('dense/bias'), /value of session.assign/],
  ['session.assign(name, 1)', () => session.assign?.('dense/bias', 1), /a tensor, got 1/],
  ['graph.operation()', () => graph.operation?.(), /"name" of graph.operation\(\)/],
  ['new Estimator()', () => Reflect.construct(Estimator, []), /new Estimator\(\)/],
])('%s is a named error', async (_, method, message) => {
  await expect(call(method)).rejects.toThrow(message);
});

it.each([
  ['dataKeys', 'xy', /dataKeys of setup\(\): expected a list of names, got "xy"/],
  ['inputShapes', { x: 3 }, /inputShapes.x of setup\(\): expected a shape.*got 3/],
  ['inputShapes', [null, 3], /inputShapes of setup\(\): expected shapes by feature name/],
  ['saveWhen', () => true, /saveWhen of setup\(\): expected a trigger.*got the function/],
])('setup({ %s: %j }) is a named error', async (option, value, message) => {
  const options = { ...lineInputs, [option]: value };
  await expect(call(() => untyped.setup?.(options))).rejects.toThrow(message);
});

it.each(['train', 'validate', 'evaluate'])('%s({ signal: controller })', async (method) => {
  const options = { signal: new AbortController(), inputFn: lineInputs.trainInputFn };
  const { inputFn: _, ...others } = options;
  const passed = method === 'evaluate' ? options : others;
  await expect(call(() => untyped[method]?.(passed))).rejects.toThrow(
    `signal of ${method}(): expected an AbortSignal, got an instance of AbortController. Pass controller.signal.`,
  );
});

describe('restoreCkpt()', () => {
  it.each([
    [5, 'Pass estimator.checkpoints.get(5).file.'],
    [{ file: 'model_iter-5' }, 'Pass its "file".'],
    ['/dir/model_iter-5.index', 'Pass the prefix: "/dir/model_iter-5".'],
    ['model_iter-5.data-00000-of-00001', 'Pass the prefix: "model_iter-5".'],
    ['model_iter-5.meta', 'Pass the prefix: "model_iter-5".'],
  ])('tells how to name a checkpoint instead of %j', async (file, fix) => {
    await expect(call(() => untyped.restoreCkpt?.(file))).rejects.toThrow(fix);
  });
});

describe('after close()', () => {
  it.each<[string, (closed: typeof estimator) => unknown]>([
    ['train', (closed) => closed.train()],
    ['validate', (closed) => closed.validate()],
    ['saveCkpt', (closed) => closed.saveCkpt()],
    ['predict', (closed) => closed.predict({ x: [[1]] })],
    ['evaluate', (closed) => closed.evaluate({ inputFn: lineInputs.trainInputFn })],
    ['restoreLatestCkpt', (closed) => closed.restoreLatestCkpt()],
    ['session', (closed) => closed.session.variables],
    ['graph', (closed) => closed.graph.variables],
    ['setup', (closed) => closed.setup(lineInputs)],
    ['recover', (closed) => closed.recover()],
  ])('%s says that the estimator was closed', async (_, method) => {
    const { estimator: closed } = createLineEstimator();
    await closed.setup(lineInputs);
    await closed.close();
    await expect(call(() => method(closed))).rejects.toThrow(NotReadyError);
    await expect(call(() => method(closed))).rejects.toThrow('This estimator was closed');
    expect(closed.hyperparameters).toEqual({});
  });
});

it.each([
  [{ classes: undefined }, /output "classes" of PredictSpec: expected a tensor, got undefined/],
  [{ line: tf.scalar(1), values: [1, 2] }, /output "values" of PredictSpec.*\[number, number\]/],
  [{}, /output of PredictSpec.*an empty one/],
  [[tf.scalar(1)], /output of PredictSpec: expected a dictionary of tensors, got \[Tensor\]/],
])('a bad output of a PredictSpec is named: %o', async (output, message) => {
  const modelFn = (...args: Parameters<typeof lineModelFn>) => {
    const [train, evaluation] = lineModelFn(...args);
    return [train, evaluation, new PredictSpec({ output: output as never })] as const;
  };
  const bad = new Estimator({ modelFn, params: {} }, new MemoryPorts());
  await expect(bad.setup(lineInputs)).rejects.toThrow(ModelFnError);
  await expect(bad.setup(lineInputs)).rejects.toThrow(message);
});

it('a second length names inputShapes', async () => {
  const modelFn = ({ tokens }: { readonly tokens: tf.Tensor2D }) => {
    const w = tokens.sum(1).mean();
    return [
      new TrainSpec({ loss: () => w, optimizer: () => tf.train.sgd(1) }),
      null,
      new PredictSpec({ output: { w } }),
    ] as const;
  };
  const other = new Estimator({ modelFn }, new MemoryPorts());
  const trainInputFn = function* () {
    for (const length of [5, 7]) yield { tokens: tf.ones([2, length]) };
  };
  await other.setup({ trainInputFn });
  const fix = 'inputShapes: { "tokens": [null,null] }';
  const evaluating = other.predict({ inputFn: trainInputFn });
  await evaluating.next();
  await expect(evaluating.next()).rejects.toThrow(fix);
  await expect(other.predict({ tokens: tf.ones([1, 9]) })).rejects.toThrow('inputShapes');
});

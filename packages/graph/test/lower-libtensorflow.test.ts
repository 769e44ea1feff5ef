// In a separate file, since a process can load only one TensorFlow.
import { dirname } from 'node:path';
import { useBackend } from '@elistimator/backend';
import {
  type Libtensorflow,
  loadLibtensorflow,
  type TfSession,
  type TfTensor,
} from '@elistimator/libtensorflow';
import { pythonOracle } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Graph, trace } from '../src';
import { type LoweredSignature, lower } from '../src/lower/lower';
import {
  allVariables,
  makeInputs,
  type Values,
  valuesOf,
  withVariablesRestored,
} from './support/eager';
import { models } from './support/models';

const oracle = await pythonOracle();
const title = `lowered to libtensorflow${oracle.reason ? ` (skipped: ${oracle.reason})` : ''}`;

const SEED = 77;
/** Sizes that the trace has not seen. */
const batchSizes = [1, 4, 11];

const toTensor = (tensorflow: Libtensorflow, tensor: tf.Tensor): TfTensor => {
  const { dtype } = tensor;
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') throw new Error(dtype);
  return tensorflow.tensor(dtype, tensor.shape, tensor.dataSync());
};

const toValues = (tensor: TfTensor): readonly number[] =>
  Array.from(tensor.data() as ArrayLike<number>, Number);

const replayed = (graph: Graph, inputs: Record<string, tf.Tensor>) =>
  withVariablesRestored(() => {
    tf.engine().startScope();
    try {
      const { outputs } = graph.runSignature('default', inputs, { seed: SEED, commit: true });
      return { outputs: valuesOf(outputs), variables: valuesOf(allVariables()) };
    } finally {
      tf.engine().endScope();
    }
  });

/** Runs the signature once in a session, from the current values of tfjs's variables. */
const inSession = (
  tensorflow: Libtensorflow,
  session: TfSession,
  lowered: LoweredSignature,
  inputs: Record<string, tf.Tensor>,
) => {
  const variables = new Map(Object.entries(allVariables()));
  for (const { name, newValue, assign } of lowered.variables) {
    const variable = variables.get(name);
    if (variable === undefined) throw new Error(`no variable ${name}`);
    using value = toTensor(tensorflow, variable);
    session.run({ feeds: { [newValue]: value }, targets: [assign] });
  }
  const feeds: Record<string, TfTensor> = {};
  for (const { name, tensor } of lowered.feeds) {
    const input = inputs[name];
    if (input === undefined) throw new Error(`no input ${name}`);
    feeds[tensor] = toTensor(tensorflow, input);
  }
  if (lowered.seed)
    feeds[lowered.seed] = tensorflow.tensor('int64', [], BigInt64Array.of(BigInt(SEED)));
  const results = session.run({
    feeds,
    fetches: lowered.fetches.map(({ tensor }) => tensor),
    targets: lowered.update ? [lowered.update] : [],
  });
  const outputs = Object.fromEntries(
    lowered.fetches.map(({ name }, index) => [name, toValues(results[index] as TfTensor)]),
  );
  const fetches = lowered.variables.map(({ value }) => value);
  const values = fetches.length === 0 ? [] : session.run({ fetches });
  const updated = Object.fromEntries(
    lowered.variables.map(({ name }, index) => [name, toValues(values[index] as TfTensor)]),
  );
  for (const tensor of [...Object.values(feeds), ...results, ...values]) tensor.close();
  return { outputs, variables: updated };
};

const expectClose = (actual: Record<string, readonly number[]>, expected: Values) => {
  for (const [name, values] of Object.entries(actual)) {
    const wanted = Array.from(expected[name] as ArrayLike<number>, Number);
    expect(values.length, name).toBe(wanted.length);
    const scale = Math.max(1e-3, ...wanted.map(Math.abs).filter(Number.isFinite));
    values.forEach((value, index) => {
      const difference = Math.abs(value - (wanted[index] ?? Number.NaN));
      if (Object.is(value, wanted[index])) return;
      expect(difference, `${name}[${index}]: ${value} against ${wanted[index]}`).toBeLessThan(
        2e-4 * scale,
      );
    });
  }
};

describe.skipIf(oracle.python === undefined)(title, () => {
  let tensorflow: Libtensorflow;
  beforeAll(async () => {
    await useBackend({ backend: 'wasm' });
    tensorflow = await loadLibtensorflow({ path: dirname(dirname(oracle.python ?? '')) });
  });
  afterEach(() => {
    tf.disposeVariables();
  });

  test.each(Object.entries(models))('%s: a session gives what replay gives', async (_, make) => {
    const model = await make();
    const graph = trace(model.fn, model.inputs);
    const lowered = lower(graph, 'default');
    using tfGraph = tensorflow.graph(lowered.graphDef);
    using session = tensorflow.session(tfGraph);
    for (const size of batchSizes) {
      const inputs = makeInputs(model.inputs, size, size, model.classes);
      const actual = inSession(tensorflow, session, lowered, inputs);
      const expected = replayed(graph, inputs);
      expectClose(actual.outputs, expected.outputs);
      expectClose(actual.variables, expected.variables);
      tf.dispose(inputs);
    }
    graph.dispose();
  });
});

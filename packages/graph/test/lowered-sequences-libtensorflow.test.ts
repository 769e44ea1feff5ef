// In a separate file, since a process can load only one TensorFlow.
import { dirname } from 'node:path';
import { useBackend } from '@elistimator/backend';
import { type Libtensorflow, loadLibtensorflow } from '@elistimator/libtensorflow';
import { pythonOracle } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { trace } from '../src';
import { lower } from '../src/lower/lower';
import { makeInputs, valuesOf } from './support/eager';
import { sequenceModels } from './support/sequence-models';
import { expectClose, runInSession } from './support/session-runs';

const oracle = await pythonOracle();
const title = `sequences in TensorFlow${oracle.reason ? ` (skipped: ${oracle.reason})` : ''}`;

describe.skipIf(oracle.python === undefined)(title, () => {
  let tensorflow: Libtensorflow;
  beforeAll(async () => {
    await useBackend({ backend: 'wasm' });
    tensorflow = await loadLibtensorflow({ path: dirname(dirname(oracle.python ?? '')) });
  });
  afterEach(() => {
    tf.disposeVariables();
  });

  const names = ['dense layers', 'causal attention', 'a masked mean of embeddings'];

  test.each(names)('%s: a session runs any length', (name) => {
    const model = sequenceModels[name]?.();
    if (model === undefined) throw new Error(`There is no model "${name}".`);
    const graph = trace(model.fn, model.inputs);
    const lowered = lower(graph, 'default');
    using tfGraph = tensorflow.graph(lowered.graphDef);
    using session = tensorflow.session(tfGraph);
    for (const [batch, length] of [
      [1, 2],
      [3, 9],
      [2, 31],
    ] as const) {
      const inputs = makeInputs(model.inputs, batch, length, 2, length);
      const actual = runInSession(tensorflow, session, lowered, inputs, 1);
      const { outputs } = graph.runSignature('default', inputs);
      expectClose(actual.outputs, valuesOf(outputs));
      tf.dispose([inputs, outputs]);
    }
    graph.dispose();
  });

  test('a recurrence is refused by name', () => {
    const model = sequenceModels['an LSTM']?.();
    if (model === undefined) throw new Error('There is no LSTM.');
    const graph = trace(model.fn, model.inputs);
    expect(() => lower(graph, 'default')).toThrow(/ElistimatorScan/);
    graph.dispose();
  });
});

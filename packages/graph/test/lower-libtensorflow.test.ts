// In a separate file, since a process can load only one TensorFlow.
import { dirname } from 'node:path';
import { useBackend } from '@elistimator/backend';
import { type Libtensorflow, loadLibtensorflow } from '@elistimator/libtensorflow';
import { pythonOracle } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, test } from 'vitest';
import { type Graph, trace } from '../src';
import { lower } from '../src/lower/lower';
import { allVariables, makeInputs, valuesOf, withVariablesRestored } from './support/eager';
import { models } from './support/models';
import { expectClose, runInSession } from './support/session-runs';

const oracle = await pythonOracle();
const title = `lowered to libtensorflow${oracle.reason ? ` (skipped: ${oracle.reason})` : ''}`;

const SEED = 77;
/** Sizes that the trace has not seen. */
const batchSizes = [1, 4, 11];

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
      const actual = runInSession(tensorflow, session, lowered, inputs, SEED);
      const expected = replayed(graph, inputs);
      expectClose(actual.outputs, expected.outputs, { tolerance: 1e-3 });
      // Optimizers that divide by the size of a gradient make a whole step of the rounding of a tiny one.
      expectClose(actual.variables, expected.variables, { tolerance: 1e-3, outliers: 0.02 });
      tf.dispose(inputs);
    }
    graph.dispose();
  });
});

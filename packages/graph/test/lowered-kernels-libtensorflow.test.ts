// Every kernel of tfjs, in a session. In a separate file, since a process can load only one TensorFlow.
import { dirname } from 'node:path';
import { type Libtensorflow, loadLibtensorflow } from '@elistimator/libtensorflow';
import { pythonOracle } from '@elistimator/tooling/python';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { trace } from '../src';
import { lower } from '../src/lower/lower';
import { flattenOutputs } from '../src/trace/outputs';
import { makeInputs, valuesOf } from './support/eager';
import { kernelCases } from './support/kernel-cases';
import { expectClose, runInSession } from './support/session-runs';

const oracle = await pythonOracle();
const title = `kernels in a session${oracle.reason ? ` (skipped: ${oracle.reason})` : ''}`;

describe.skipIf(oracle.python === undefined)(title, () => {
  let tensorflow: Libtensorflow;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    tensorflow = await loadLibtensorflow({ path: dirname(dirname(oracle.python ?? '')) });
  });

  test.each(Object.entries(kernelCases))('%s', (_, { fn, inputs, kernels, classes, tolerance }) => {
    const graph = trace(fn, inputs);
    const traced = new Set(
      graph.nodes.flatMap((node) => (node.kind === 'kernel' ? [node.kernel] : [])),
    );
    expect([...traced]).toEqual(expect.arrayContaining([...kernels]));
    const lowered = lower(graph, 'default');
    using tfGraph = tensorflow.graph(lowered.graphDef);
    using session = tensorflow.session(tfGraph);
    for (const size of [1, 5]) {
      const tensors = makeInputs(inputs, size, size, classes);
      const actual = runInSession(tensorflow, session, lowered, tensors, 0);
      tf.engine().startScope();
      const expected = valuesOf(Object.fromEntries(flattenOutputs(fn(tensors))));
      tf.engine().endScope();
      expectClose(actual.outputs, expected, { tolerance });
      tf.dispose(tensors);
    }
    graph.dispose();
  });
});

import { type BackendOptions, useBackend } from '@elistimator/backend';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Graph, trace } from '../../src';
import { flattenOutputs } from '../../src/trace/outputs';
import { allVariables, makeInputs, type Values, valuesOf, withVariablesRestored } from './eager';
import { layerNormalization, type Model, models } from './models';

const unseenSizes = [1, 4, 11, 33];
const SEED = 77;

/** The results of one call, and the values of the variables after it, which are then restored. */
const outcome = (run: () => Record<string, tf.Tensor>): { outputs: Values; variables: Values } =>
  withVariablesRestored(() => {
    tf.engine().startScope();
    try {
      const outputs = valuesOf(run());
      return { outputs, variables: valuesOf(allVariables()) };
    } finally {
      tf.engine().endScope();
    }
  });

const eager = ({ fn, seeded }: Model, inputs: Record<string, tf.Tensor>) =>
  outcome(() => Object.fromEntries(flattenOutputs((seeded?.(SEED) ?? fn)(inputs))));

const replayed = (graph: Graph, inputs: Record<string, tf.Tensor>) =>
  outcome(() => graph.runSignature('default', inputs, { seed: SEED, commit: true }).outputs);

/** Traces every model and compares its graph with its code, at other batch sizes than those of the trace. */
export const testReplays = (title: string, options: BackendOptions): void => {
  describe(title, () => {
    beforeAll(async () => {
      await useBackend(options);
    });

    afterEach(() => {
      tf.disposeVariables();
    });

    test.each(Object.entries(models))('%s: the graph equals the code', async (_, make) => {
      const model = await make();
      const graph = trace(model.fn, model.inputs);
      for (const size of unseenSizes) {
        const inputs = makeInputs(model.inputs, size, size, model.classes);
        expect(replayed(graph, inputs)).toEqual(eager(model, inputs));
        tf.dispose(inputs);
      }
      graph.dispose();
    });

    test('layer normalization: the graph equals the code except for the order of a sum', () => {
      const model = layerNormalization();
      const graph = trace(model.fn, model.inputs);
      for (const size of unseenSizes) {
        const inputs = makeInputs(model.inputs, size, size, model.classes);
        const [actual, expected] = [replayed(graph, inputs), eager(model, inputs)];
        expect(actual.outputs).toEqual(expected.outputs);
        for (const [name, values] of Object.entries(expected.variables)) {
          values.forEach((value, index) => {
            expect(actual.variables[name]?.[index]).toBeCloseTo(Number(value), 5);
          });
        }
        tf.dispose(inputs);
      }
      graph.dispose();
    });
  });
};

import { type BackendOptions, useBackend } from '@elistimator/backend';
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Graph, seededRandomSource, trace, withRandomSource } from '../../src';
import { makeInputs } from './eager';
import { sequenceModels } from './sequence-models';

/** None of the sizes of the trace's first calls. */
const unseen: readonly (readonly [batch: number, length: number])[] = [
  [1, 1],
  [3, 2],
  [4, 4],
  [2, 9],
  [1, 21],
  [5, 32],
];

const SEED = 5;

/** The largest difference that the order of a sum makes. */
const TOLERANCE = 2e-5;

const expectClose = (actual: tf.Tensor | undefined, expected: tf.Tensor, name: string): void => {
  expect(actual?.shape, name).toEqual(expected.shape);
  const values = actual?.dataSync() ?? [];
  expected.dataSync().forEach((value, index) => {
    const difference = Math.abs(Number(values[index]) - value);
    expect(difference, `${name}[${index}]`).toBeLessThanOrEqual(
      TOLERANCE * Math.max(1, Math.abs(value)),
    );
  });
};

/** Traces models of sequences, stores them, and compares values and gradients at other sizes with the code. */
export const testSequenceReplays = (title: string, options: BackendOptions): void => {
  describe(title, () => {
    beforeAll(async () => {
      await useBackend(options);
    });

    afterEach(() => {
      tf.disposeVariables();
    });

    test.each(Object.entries(sequenceModels))('%s', (_, make) => {
      const model = make();
      const { numTensors } = tf.memory();
      const traced = trace(model.fn, model.inputs);
      expect(tf.memory().numTensors).toBeLessThanOrEqual(numTensors);
      const variables = new Map(Object.entries(tf.engine().registeredVariables));
      const stored = Graph.fromBytes(traced.toBytes(), { variables });
      for (const [batch, length] of unseen) {
        if (length < (model.shortest ?? 1)) continue;
        tf.tidy(() => {
          const inputs = makeInputs(model.inputs, batch, batch + length, 2, length);
          const { outputs } = stored.runSignature('default', inputs, { seed: SEED });
          const expected = withRandomSource(seededRandomSource(SEED), () => model.fn(inputs));
          expect(Object.keys(outputs)).toEqual(Object.keys(expected));
          for (const [name, tensor] of Object.entries(expected)) {
            expectClose(outputs[name], tensor, `${name} at [${batch}, ${length}]`);
          }
        });
      }
      stored.dispose();
      expect(tf.memory().numTensors).toBeLessThanOrEqual(numTensors);
    });
  });
};

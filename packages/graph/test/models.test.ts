import { useBackend } from '@elistimator/backend';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Graph } from '../src/graph';
import { batchOf, cnn, graphOf, type Model, mlp } from './models';

// The cpu backend takes minutes for a CNN.
describe('models', () => {
  beforeAll(async () => {
    await useBackend({ backend: 'wasm' });
  });

  /** Losses of a few steps, and the variables after them. */
  const run = (model: Model, sizes: readonly number[], step: (size: number) => tf.Tensor) => {
    const start = model.variables.map((variable) => variable.clone());
    const losses = sizes.map((size) => {
      const loss = step(size);
      const value = loss.dataSync()[0];
      loss.dispose();
      return value;
    });
    const end = model.variables.map((variable) => variable.dataSync());
    for (const [index, variable] of model.variables.entries()) {
      variable.assign(start[index] as tf.Tensor);
    }
    tf.dispose(start);
    return { losses, end };
  };

  it('the graph of an MLP trains like its code, also after it was stored', () => {
    const model = mlp();
    const graph = graphOf(model);
    const stored = Graph.fromBytes(graph.toBytes());
    const variables = new Map(model.variables.map((variable) => [variable.name, variable]));
    const sizes = [56, 1, 32];
    const eager = run(model, sizes, (size) => tf.tidy(() => model.step(batchOf(size))));
    const replay = (replayed: Graph) =>
      run(model, sizes, (size) =>
        tf.tidy(() => {
          const options = { variables, commit: true };
          const { outputs } = replayed.runSignature('train', batchOf(size), options);
          return outputs.loss as tf.Tensor;
        }),
      );
    expect(replay(graph)).toEqual(eager);
    expect(replay(stored)).toEqual(eager);
    expect(new Set(eager.losses).size).toBe(3);
  });

  it('the graph of a CNN predicts and evaluates like its code', () => {
    const model = cnn();
    const graph = graphOf(model);
    const batch = batchOf(4);
    const [probabilities, classes] = graph.run(['probabilities', 'classes'], {
      images: batch.images,
    });
    const expected = tf.softmax(model.logits(batch.images, false));
    expect(probabilities?.dataSync()).toEqual(expected.dataSync());
    expect(classes?.dataSync()).toEqual(expected.argMax(1).dataSync());
    const { loss, accuracy } = graph.runSignature('evaluate', batch).outputs;
    expect(loss?.shape).toEqual([]);
    expect(accuracy?.dtype).toBe('float32');
  });

  it('the stored graph of a CNN that predicts, evaluates and trains is small', () => {
    expect(graphOf(cnn()).toBytes().length).toBeLessThan(60_000);
  });
});

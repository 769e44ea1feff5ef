/**
 * Training steps by code and by graph, interleaved: `pnpm bench [steps] [rounds]`.
 * Prints the steps per second of each and their ratio, medians of the rounds.
 */
import { useBackend } from '@elistimator/backend';
import * as tf from '@tensorflow/tfjs';
import { batchOf, cnn, graphOf, type Model, mlp } from '../test/models';

const batchSize = 56;
const [mlpSteps = 200, rounds = 5] = process.argv.slice(2).map(Number);

const stepsPerSecond = (steps: number, step: () => tf.Tensor): number => {
  let loss: tf.Tensor | undefined;
  const start = performance.now();
  for (let count = 0; count < steps; count++) {
    loss?.dispose();
    loss = step();
  }
  // Backends may still be at work when a step returns.
  loss?.dataSync();
  const seconds = (performance.now() - start) / 1000;
  loss?.dispose();
  return steps / seconds;
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const compare = (name: string, backend: string, model: Model, steps: number): void => {
  const graph = graphOf(model);
  const batch = batchOf(batchSize);
  const eager = () => tf.tidy(() => model.step(batch));
  const replay = () =>
    tf.tidy(
      () => graph.runSignature('train', batch, { commit: true, seed: 1 }).outputs.loss as tf.Tensor,
    );
  stepsPerSecond(Math.ceil(steps / 5), eager);
  stepsPerSecond(Math.ceil(steps / 5), replay);
  const pairs = Array.from({ length: rounds }, () => [
    stepsPerSecond(steps, eager),
    stepsPerSecond(steps, replay),
  ]) as [number, number][];
  const ratio = median(pairs.map(([code, replayed]) => replayed / code));
  const rate = (at: 0 | 1) => median(pairs.map((pair) => pair[at])).toFixed(1);
  console.log(
    `${backend}\t${name}\teager ${rate(0)}\treplay ${rate(1)}\tratio ${ratio.toFixed(2)}`,
  );
  graph.dispose();
};

for (const backend of ['wasm', 'libtensorflow'] as const) {
  try {
    await useBackend({ backend });
  } catch (error) {
    console.log(`${backend}\tnot available: ${error instanceof Error ? error.message : error}`);
    continue;
  }
  compare('MLP 784-128-10, SGD', backend, mlp(), mlpSteps);
  compare('MLP 784-128-10, Adam', backend, mlp(tf.train.adam(0.001)), mlpSteps);
  compare('CNN, SGD', backend, cnn(), Math.max(1, Math.round(mlpSteps / 10)));
}

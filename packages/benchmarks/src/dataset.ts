// Batches of MNIST per second: Dataset against tf.data of TensorFlow.js, shuffle 1000, batch 56.
import { mnistTrain } from '@elistimator/examples/mnist-data';
import * as tf from '@tensorflow/tfjs';
import { Dataset, useBackend } from 'elistimator';
import { interleave } from './interleave';

const SHUFFLE = 1000;
const BATCH = 56;
const PAIRS = 5;

const { summary } = await useBackend();
const { images, labels } = mnistTrain();

const ours = async (): Promise<number> => {
  let batches = 0;
  for await (const batch of Dataset.fromTensorSlices({ images, labels })
    .shuffle(SHUFFLE)
    .batch(BATCH)) {
    batches += 1;
    tf.dispose(batch);
  }
  return batches;
};

/** Measures tf.data by the first 100 batches of an epoch: it is too slow for all of them. */
const peer = (source: () => tf.data.Dataset<tf.TensorContainer>) => async (): Promise<number> => {
  const iterator = await source().shuffle(SHUFFLE).batch(BATCH).iterator();
  let batches = 0;
  for (; batches < 100; batches++) tf.dispose((await iterator.next()).value);
  return batches;
};

const rows = function* () {
  for (let row = 0; row < labels.length; row++) {
    yield { images: images.data.subarray(784 * row, 784 * (row + 1)), labels: labels[row] ?? 0 };
  }
};
const peers = {
  'tf.data.generator': () => tf.data.generator(rows),
  'tf.data.array': () => tf.data.array([...rows()]),
};

console.log(`Dataset against tf.data: MNIST, shuffle ${SHUFFLE}, batch ${BATCH}; ${summary}`);
for (const [name, source] of Object.entries(peers)) {
  const { first, second, ratio } = await interleave(PAIRS, { run: ours }, { run: peer(source) });
  console.log(
    `  Dataset ${first.toFixed(0)} batches/s, ${name} ${second.toFixed(1)} batches/s: ${ratio.toFixed(1)} times`,
  );
}

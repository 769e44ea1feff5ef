/**
 * The cost of random tensors, per million values: `pnpm bench:random [rounds]`.
 * Compares Philox, which `randomTensor` draws from, with tfjs's own seeded generators, interleaved.
 */
import * as tf from '@tensorflow/tfjs';
import { type RandomTensorOptions, randomTensor } from '../src/random/random-tensor';

const [rounds = 7] = process.argv.slice(2).map(Number);
const million = 1_000_000;

type Generators = Record<
  RandomTensorOptions['distribution'],
  (shape: number[], seed: number) => tf.Tensor
>;

const tfjs: Generators = {
  uniform: (shape, seed) => tf.randomUniform(shape, 0, 1, 'float32', seed),
  normal: (shape, seed) => tf.randomNormal(shape, 0, 1, 'float32', seed),
  truncatedNormal: (shape, seed) => tf.truncatedNormal(shape, 0, 1, 'float32', seed),
};

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const milliseconds = (shape: number[], draw: (shape: number[]) => tf.Tensor): number => {
  const size = tf.util.sizeFromShape(shape);
  const start = performance.now();
  for (let drawn = 0; drawn < million; drawn += size) draw(shape).dispose();
  return performance.now() - start;
};

await tf.setBackend('cpu');
console.log('milliseconds per million values\tshape\tPhilox\ttfjs\tPhilox / tfjs');
for (const shape of [[1_000, 1_000], [56, 128], [10]]) {
  for (const distribution of ['uniform', 'normal', 'truncatedNormal'] as const) {
    const philox = (): number =>
      milliseconds(shape, () => randomTensor({ distribution, shape, seed: 1, index: 0 }));
    const before = (): number => milliseconds(shape, () => tfjs[distribution](shape, 1));
    philox();
    before();
    const pairs = Array.from({ length: rounds }, () => ({ philox: philox(), tfjs: before() }));
    const [ours, theirs] = [
      median(pairs.map((pair) => pair.philox)),
      median(pairs.map((pair) => pair.tfjs)),
    ];
    console.log(
      `${distribution}\t[${shape}]\t${ours.toFixed(1)}\t${theirs.toFixed(1)}\t${(ours / theirs).toFixed(2)}`,
    );
  }
}

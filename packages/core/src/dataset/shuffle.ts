import { mixSeed } from '@elistimator/graph';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { andThen, drain, dropFirst, type Plan, type Stage } from './stage';

/** How `Dataset.shuffle()` orders elements. */
export interface ShuffleOptions {
  /** An integer that determines the order. By default a random one, drawn once for the dataset. */
  readonly seed?: number;
  /** Whether each epoch has a different order. True by default; otherwise all have that of epoch 0. */
  readonly reshuffleEachIteration?: boolean;
}

/** Draws the seed of a dataset that was shuffled without one. */
export const randomSeed = (): number => Math.floor(Math.random() * 2 ** 32);

/**
 * tf.data's shuffle: fills a buffer, draws elements from it uniformly, and replaces each with the next
 * element of the input. Output i is one of the first i + bufferSize inputs. Only the random numbers
 * differ from TensorFlow's.
 * Source: tensorflow/core/kernels/data/shuffle_dataset_op.cc
 */
export const shuffled = <E>(
  plan: Plan<E>,
  bufferSize: number,
  { seed, reshuffleEachIteration }: Required<ShuffleOptions>,
): Plan<E> => ({
  size: plan.size,
  release: plan.release,
  open: ({ epoch, skip }) => {
    const source = plan.open({ epoch, skip: 0 });
    const epochSeed = mixSeed(seed, reshuffleEachIteration ? epoch : 0);
    // Skipped elements must be drawn too: later ones depend on what is left in the buffer.
    return dropFirst(shuffleStage(plan, source, bufferSize, epochSeed), skip, plan.release);
  },
});

const shuffleStage = <E>(
  { release }: Plan<E>,
  source: Stage<E>,
  bufferSize: number,
  seed: number,
): Stage<E> => {
  const random = xoroshiro128plus(seed);
  const buffer: E[] = [];
  let hasEnded = false;

  const fill = (element: E | undefined): boolean => {
    if (element === undefined) hasEnded = true;
    else buffer.push(element);
    return !hasEnded && buffer.length < bufferSize;
  };
  const draw = (): E | undefined => {
    const last = buffer.pop();
    if (last === undefined) return undefined;
    const index = uniformInt(random, 0, buffer.length);
    const drawn = buffer[index];
    if (drawn === undefined) return last;
    buffer[index] = last;
    return drawn;
  };
  return {
    next: () => (hasEnded ? draw() : andThen(drain(source, fill), draw)),
    close: () => {
      for (const element of buffer.splice(0)) release(element);
      return source.close();
    },
  };
};

import { mixSeed } from '@elistimator/graph';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { andThen, drain, dropFirst, type Plan, type Stage } from './stage';

/** How `Dataset.shuffle()` orders elements. */
export interface ShuffleOptions {
  /** An integer that fixes the order; another one is drawn for each dataset when absent. */
  readonly seed?: number;
  /** Whether every iteration has an order of its own (default), or all have the first one's. */
  readonly reshuffleEachIteration?: boolean;
}

/**
 * tf.data's shuffle: a buffer is filled, elements are drawn from it uniformly, and each is replaced by
 * the next of the input. Output i came from input i + bufferSize - 1 or earlier.
 * Source: tensorflow/core/kernels/data/shuffle_dataset_op.cc (the random numbers are others).
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
  let ended = false;

  const take = (element: E | undefined): boolean => {
    if (element === undefined) ended = true;
    else buffer.push(element);
    return !ended && buffer.length < bufferSize;
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
    next: () => (ended ? draw() : andThen(drain(source, take), draw)),
    close: () => {
      for (const element of buffer.splice(0)) release(element);
      return source.close();
    },
  };
};

import { chainStage } from './chain';
import type { Plan } from './stage';

/** The elements of one plan, then those of another. */
export const concatenated = <E>(first: Plan<E>, second: Plan<E>): Plan<E> => ({
  size:
    first.size === undefined || second.size === undefined ? undefined : first.size + second.size,
  release: first.release,
  open: (iteration) => chainStage((index) => [first, second][index]?.open(iteration)),
});

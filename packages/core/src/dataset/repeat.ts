import { chainStage } from './chain';
import type { Plan } from './stage';

/**
 * The elements of a plan `count` times over; endlessly for Infinity, until a round is empty.
 *
 * Each round is an iteration of its own upstream, so a reshuffling dataset has a new order in it.
 */
export const repeated = <E>(plan: Plan<E>, count: number): Plan<E> => ({
  size:
    plan.size === 0 || count === 0 ? 0 : plan.size === undefined ? undefined : plan.size * count,
  release: plan.release,
  open: (iteration) => {
    // Endless repetitions have no last round, so iterations of those lie far apart instead.
    const first = iteration * (Number.isFinite(count) ? count : 2 ** 32);
    return chainStage((index, gave) => {
      const isOver = index >= count || (count === Number.POSITIVE_INFINITY && !gave);
      return isOver ? undefined : plan.open(first + index);
    });
  },
});

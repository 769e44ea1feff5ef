import { andThen, drain, type Plan, type Stage } from './stage';

/**
 * Stages one after the other.
 *
 * @param open the stage number `index`; undefined when there are no more. `gave` says whether the
 *   stage before it had any element.
 */
const chainStage = <E>(open: (index: number, gave: boolean) => Stage<E> | undefined): Stage<E> => {
  let index = 0;
  let current = open(index, true);
  let gave = false;
  let taken: E | undefined;

  const pull = { next: () => current?.next() };
  const accept = (element: E | undefined) => {
    taken = element;
    if (element !== undefined) gave = true;
    if (element !== undefined || current === undefined) return false;
    return andThen(current.close(), () => {
      index += 1;
      current = open(index, gave);
      gave = false;
      return true;
    });
  };
  return {
    next: () => andThen(drain(pull, accept), () => taken),
    close: () => current?.close(),
  };
};

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

/** The elements of one plan, then those of another. */
export const concatenated = <E>(first: Plan<E>, second: Plan<E>): Plan<E> => ({
  size:
    first.size === undefined || second.size === undefined ? undefined : first.size + second.size,
  release: first.release,
  open: (iteration) => chainStage((index) => [first, second][index]?.open(iteration)),
});

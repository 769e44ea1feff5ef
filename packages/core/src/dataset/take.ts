import type { Plan } from './stage';

/** The first `count` elements; upstream is not asked for more. */
export const taken = <E>(plan: Plan<E>, count: number): Plan<E> => ({
  size: count === 0 ? 0 : plan.size === undefined ? undefined : Math.min(plan.size, count),
  release: plan.release,
  open: (iteration) => {
    const source = plan.open(iteration);
    let left = count;
    return {
      next: () => {
        if (left === 0) return undefined;
        left -= 1;
        return source.next();
      },
      close: () => source.close(),
    };
  },
});

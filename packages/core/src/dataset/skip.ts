import { andThen, drain, type Plan } from './stage';

/** All elements but the first `count`. */
export const skipped = <E>(plan: Plan<E>, count: number): Plan<E> => ({
  size:
    count === Number.POSITIVE_INFINITY
      ? 0
      : plan.size === undefined
        ? undefined
        : Math.max(plan.size - count, 0),
  release: plan.release,
  open: (iteration) => {
    const source = plan.open(iteration);
    let left = count;
    const drop = (element: E | undefined): boolean => {
      if (element === undefined) left = 0;
      else {
        plan.release(element);
        left -= 1;
      }
      return left > 0;
    };
    return {
      next: () => (left === 0 ? source.next() : andThen(drain(source, drop), () => source.next())),
      close: () => source.close(),
    };
  },
});

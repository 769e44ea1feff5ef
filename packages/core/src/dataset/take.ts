import { andThen, drain, type Plan } from './stage';

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

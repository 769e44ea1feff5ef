import { chainStages, dropFirst, type Plan, type Stage } from './stage';

/** The first `count` elements; no more than that are pulled from upstream. */
export const taken = <E>(plan: Plan<E>, count: number): Plan<E> => ({
  size: count === 0 ? 0 : plan.size === undefined ? undefined : Math.min(plan.size, count),
  release: plan.release,
  open: ({ epoch, skip }) => {
    const source = plan.open({ epoch, skip: Math.min(skip, count) });
    let remaining = Math.max(count - skip, 0);
    return {
      next: () => {
        if (remaining === 0) return undefined;
        remaining -= 1;
        return source.next();
      },
      close: () => source.close(),
    };
  },
});

const emptyStage: Stage<never> = { next: () => undefined, close: () => {} };

/** All elements except the first `count`; none for Infinity. */
export const skipped = <E>(plan: Plan<E>, count: number): Plan<E> => ({
  size:
    count === Number.POSITIVE_INFINITY
      ? 0
      : plan.size === undefined
        ? undefined
        : Math.max(plan.size - count, 0),
  release: plan.release,
  open: ({ epoch, skip }) =>
    Number.isFinite(count) ? plan.open({ epoch, skip: skip + count }) : emptyStage,
});

/**
 * The elements of a plan `count` times; endlessly for Infinity, until a round is empty.
 *
 * Each round is an epoch of its upstream, so a reshuffling dataset has a new order in each.
 */
export const repeated = <E>(plan: Plan<E>, count: number): Plan<E> => ({
  size:
    plan.size === 0 || count === 0 ? 0 : plan.size === undefined ? undefined : plan.size * count,
  release: plan.release,
  open: ({ epoch, skip }) => {
    const { size } = plan;
    const isSizeKnown = size !== undefined && size > 0;
    const skippedRounds = isSizeKnown ? Math.floor(skip / size) : 0;
    const skippedInRound = isSizeKnown ? skip % size : 0;
    // An endless repetition has no last round; its epochs are spaced far apart instead.
    const firstEpoch = epoch * (Number.isFinite(count) ? count : 2 ** 32) + skippedRounds;
    const rounds = chainStages((index, hadElements) => {
      const isOver =
        skippedRounds + index >= count || (count === Number.POSITIVE_INFINITY && !hadElements);
      if (isOver) return undefined;
      return plan.open({ epoch: firstEpoch + index, skip: index === 0 ? skippedInRound : 0 });
    });
    return isSizeKnown ? rounds : dropFirst(rounds, skip, plan.release);
  },
});

/** The elements of one plan, then those of another. */
export const concatenated = <E>(first: Plan<E>, second: Plan<E>): Plan<E> => ({
  size:
    first.size === undefined || second.size === undefined ? undefined : first.size + second.size,
  release: first.release,
  open: ({ epoch, skip }) => {
    const { size } = first;
    if (size !== undefined && skip >= size) return second.open({ epoch, skip: skip - size });
    const isSizeKnown = size !== undefined;
    const parts = chainStages((index) =>
      [first, second][index]?.open({ epoch, skip: isSizeKnown && index === 0 ? skip : 0 }),
    );
    return isSizeKnown ? parts : dropFirst(parts, skip, first.release);
  },
});

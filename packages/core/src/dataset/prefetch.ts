import type { Plan, Stage } from './stage';

/**
 * Fetches up to `bufferSize` elements before they are asked for.
 *
 * Only what is asynchronous runs ahead: a generator that reads a file, an asynchronous map. Where
 * everything upstream is synchronous nothing could overlap in JavaScript's one thread, so elements
 * pass through.
 */
export const prefetched = <E>(plan: Plan<E>, bufferSize: number): Plan<E> => ({
  size: plan.size,
  release: plan.release,
  open: (start) => prefetchStage(plan, plan.open(start), bufferSize),
});

type Fetched<E> = { readonly element: E | undefined } | { readonly error: unknown };

const prefetchStage = <E>({ release }: Plan<E>, source: Stage<E>, bufferSize: number): Stage<E> => {
  const queue: Fetched<E>[] = [];
  let fetching: Promise<void> | undefined;
  let isOver = false;

  const enqueue = (fetched: Fetched<E>) => {
    isOver ||= 'error' in fetched || fetched.element === undefined;
    queue.push(fetched);
    fetching = undefined;
    runAhead();
  };
  const fetch = (pulled: Promise<E | undefined>): Promise<void> =>
    pulled.then(
      (element) => enqueue({ element }),
      (error: unknown) => enqueue({ error }),
    );
  const runAhead = () => {
    if (fetching || isOver || queue.length >= bufferSize) return;
    // `async`, so that what fails at once fails when its turn comes.
    fetching = fetch((async () => source.next())());
  };
  const give = (): E | undefined => {
    const fetched = queue.shift();
    runAhead();
    if (fetched && 'error' in fetched) throw fetched.error;
    return fetched?.element;
  };
  return {
    next: () => {
      if (queue.length > 0) return give();
      if (isOver) return undefined;
      if (!fetching) {
        const pulled = source.next();
        if (!(pulled instanceof Promise)) return pulled;
        fetching = fetch(pulled);
      }
      return fetching.then(give);
    },
    close: async () => {
      isOver = true;
      await fetching;
      for (const fetched of queue.splice(0)) {
        if ('element' in fetched && fetched.element !== undefined) release(fetched.element);
      }
      await source.close();
    },
  };
};

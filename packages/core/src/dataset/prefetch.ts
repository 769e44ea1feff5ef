import type { Plan, Stage } from './stage';

/**
 * Fetches up to `bufferSize` elements before they are asked for, as long as upstream is asynchronous.
 * Elements of a synchronous upstream pass through.
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
    fetchAhead();
  };
  const fetch = (pulled: Promise<E | undefined>): Promise<void> =>
    pulled.then(
      (element) => enqueue({ element }),
      (error: unknown) => enqueue({ error }),
    );
  const fetchAhead = () => {
    if (fetching || isOver || queue.length >= bufferSize) return;
    // `async` turns an error that is thrown synchronously into one that waits for its turn.
    fetching = fetch((async () => source.next())());
  };
  const shift = (): E | undefined => {
    const fetched = queue.shift();
    fetchAhead();
    if (fetched && 'error' in fetched) throw fetched.error;
    return fetched?.element;
  };
  return {
    next: () => {
      if (queue.length > 0) return shift();
      if (isOver) return undefined;
      if (!fetching) {
        const pulled = source.next();
        if (!(pulled instanceof Promise)) return pulled;
        fetching = fetch(pulled);
      }
      return fetching.then(shift);
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

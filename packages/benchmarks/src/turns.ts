import { median } from './median';

/** One of two that are compared. Only `run` is timed. */
export interface Turn {
  readonly run: () => Promise<void>;
  readonly cleanUp?: () => Promise<void>;
}

const secondsOf = async ({ run, cleanUp }: Turn): Promise<number> => {
  const start = performance.now();
  await run();
  const seconds = (performance.now() - start) / 1000;
  await cleanUp?.();
  return seconds;
};

/**
 * Lets two take turns, the one who goes first changing from round to round, after a turn each to warm up.
 *
 * @returns the median seconds of each, and the median of the rounds' ratios, second by first: how many times
 *   as fast the first is
 */
export const turns = async (
  rounds: number,
  first: Turn,
  second: Turn,
): Promise<{ readonly first: number; readonly second: number; readonly ratio: number }> => {
  await secondsOf(first);
  await secondsOf(second);
  const all: { readonly first: number; readonly second: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      all.push({ first: await secondsOf(first), second: await secondsOf(second) });
    } else {
      const behind = await secondsOf(second);
      all.push({ first: await secondsOf(first), second: behind });
    }
  }
  return {
    first: median(all.map((one) => one.first)),
    second: median(all.map((one) => one.second)),
    ratio: median(all.map((one) => one.second / one.first)),
  };
};

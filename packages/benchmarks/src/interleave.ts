/** Does some work, and resolves to how many units of it (batches, steps, megabytes) it did. */
export interface Contender {
  readonly run: () => Promise<number>;
  /** Runs after `run`, and is not timed. */
  readonly cleanUp?: () => Promise<void>;
}

/** The middle value; of an even count the mean of the middle two. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (lower + upper) / 2;
};

/** Units per second. */
const rateOf = async ({ run, cleanUp }: Contender): Promise<number> => {
  const start = performance.now();
  const units = await run();
  const rate = (1000 * units) / (performance.now() - start);
  await cleanUp?.();
  return rate;
};

/**
 * Runs two contenders alternately, so that anything else the machine does slows both alike. The order within a
 * pair changes every time, since the second finds warmer caches. One warm-up run of each is not counted.
 *
 * @returns the median units per second of each, and the median of the pairs' ratios: how many times as fast as
 *   the second the first is
 */
export const interleave = async (
  pairs: number,
  first: Contender,
  second: Contender,
): Promise<{ readonly first: number; readonly second: number; readonly ratio: number }> => {
  await rateOf(first);
  await rateOf(second);
  const rates: { readonly first: number; readonly second: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    if (pair % 2 === 0) {
      rates.push({ first: await rateOf(first), second: await rateOf(second) });
    } else {
      const secondRate = await rateOf(second);
      rates.push({ first: await rateOf(first), second: secondRate });
    }
  }
  return {
    first: median(rates.map((rate) => rate.first)),
    second: median(rates.map((rate) => rate.second)),
    ratio: median(rates.map((rate) => rate.first / rate.second)),
  };
};

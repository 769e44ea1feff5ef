/** Does some work; resolves to how many units (batches, steps) it did. */
type Contender = () => Promise<number>;

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return (lower + upper) / 2;
};

/** Units per second. */
const rateOf = async (contender: Contender): Promise<number> => {
  const start = performance.now();
  const units = await contender();
  return (1000 * units) / (performance.now() - start);
};

/**
 * Lets two contenders take turns, so that whatever else the machine does slows both alike. Who goes
 * first changes from round to round, since the second of a pair finds warmer caches. Each has a turn
 * to warm up that does not count.
 *
 * @returns the median units per second of each, and the median of the rounds' ratios, first by second
 */
export const alternate = async (
  rounds: number,
  first: Contender,
  second: Contender,
): Promise<{ readonly first: number; readonly second: number; readonly ratio: number }> => {
  await first();
  await second();
  const rates: { first: number; second: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const [ahead, behind] = round % 2 === 0 ? [first, second] : [second, first];
    const aheadRate = await rateOf(ahead);
    const behindRate = await rateOf(behind);
    rates.push(
      round % 2 === 0
        ? { first: aheadRate, second: behindRate }
        : { first: behindRate, second: aheadRate },
    );
  }
  return {
    first: median(rates.map((rate) => rate.first)),
    second: median(rates.map((rate) => rate.second)),
    ratio: median(rates.map((rate) => rate.first / rate.second)),
  };
};

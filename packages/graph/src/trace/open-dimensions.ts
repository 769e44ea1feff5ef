import { BATCH, type Sizes } from '../ir/symbolic-numbers';
import type { InputSpec } from './inputs';

/** The symbols of open dimensions, and the fixed sizes of the others, by input. */
export type SymbolicShapes = Readonly<Record<string, readonly (number | string)[]>>;

/**
 * The shapes of inputs with a symbol for each open dimension: `batch` for the first dimension, a name of
 * the caller's, or else the name of the input and the dimension, such as `tokens.1`.
 */
export const symbolicShapes = (inputs: Readonly<Record<string, InputSpec>>): SymbolicShapes =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [
      name,
      shape.map((size, axis) => size ?? (axis === 0 ? BATCH : `${name}.${axis}`)),
    ]),
  );

export const symbolsIn = (shapes: SymbolicShapes): readonly string[] => [
  ...new Set(
    Object.values(shapes)
      .flat()
      .filter((size) => typeof size === 'string'),
  ),
];

/** All ways to divide a list into groups, those with more groups first. */
const partitions = (items: readonly string[]): string[][][] => {
  const [first, ...rest] = items;
  if (first === undefined) return [[]];
  const all = partitions(rest).flatMap((groups) => [
    [[first], ...groups],
    ...groups.map((group, index) =>
      groups.map((other, at) => (at === index ? [first, ...group] : other)),
    ),
  ]);
  return all.sort((left, right) => right.length - left.length);
};

/** With more symbols, it is only tried whether all are equal: the number of ways grows fast. */
const MAX_PARTITIONED = 5;

/**
 * The ways in which dimensions that nobody has named may be equal, from all different to all the same. A
 * function often takes inputs of one length, such as tokens and their mask, and no others.
 */
export const possibleShapes = (
  shapes: SymbolicShapes,
  inputs: Readonly<Record<string, InputSpec>>,
): readonly SymbolicShapes[] => {
  const named = new Set(Object.values(inputs).flatMap(({ shape }) => shape));
  const free = symbolsIn(shapes).filter((symbol) => symbol !== BATCH && !named.has(symbol));
  const ways =
    free.length <= MAX_PARTITIONED
      ? partitions(free)
      : [free.map((symbol) => [symbol]), [[...free]]];
  return ways.map((groups) => {
    const representative = new Map(
      groups.flatMap((group) => group.map((symbol) => [symbol, group[0] ?? symbol])),
    );
    return Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        shape.map((size) => (typeof size === 'string' ? (representative.get(size) ?? size) : size)),
      ]),
    );
  });
};

/** A typical size of each open dimension, where the caller gives one. */
export const typicalSizes = (
  shapes: SymbolicShapes,
  inputs: Readonly<Record<string, InputSpec>>,
): Sizes => {
  const sizes = new Map<string, number>();
  for (const [name, shape] of Object.entries(shapes)) {
    shape.forEach((symbol, axis) => {
      const size = inputs[name]?.typical?.[axis];
      if (typeof symbol === 'string' && size !== undefined) {
        sizes.set(symbol, Math.max(size, sizes.get(symbol) ?? 1));
      }
    });
  }
  return sizes;
};

/** The sizes to call a function with. */
export interface SizePlan {
  /** The first call's. */
  readonly base: Sizes;
  /** The other calls', as `inferInSizes` takes them. */
  others(strides: readonly number[]): readonly Sizes[];
}

/** Beyond it, a call at the typical size would take long. */
const MAX_TYPICAL = 64;

/**
 * Plans the sizes of calls.
 *
 * @param batches four or more batch sizes
 * @param smallest the least size of other dimensions
 */
export const planSizes = (
  symbols: readonly string[],
  batches: readonly number[],
  smallest: (symbol: string, index: number) => number,
  typical: Sizes,
): SizePlan => {
  const lengths = symbols.filter((symbol) => symbol !== BATCH);
  const starts = new Map(lengths.map((symbol, index) => [symbol, smallest(symbol, index)]));
  const firstOf = (symbol: string) => starts.get(symbol) ?? batches[0] ?? 1;
  const base: Sizes = new Map(symbols.map((symbol) => [symbol, firstOf(symbol)]));
  const shifted = (batch: number | undefined, by: number): Sizes =>
    new Map(
      symbols.map((symbol) => [symbol, starts.has(symbol) ? firstOf(symbol) + by : (batch ?? 1)]),
    );
  return {
    base,
    others: (strides) => {
      // Enough to see where a size divided by a stride grows.
      const largest = Math.max(1, ...strides);
      const steps =
        largest === 1 ? [1, 3, 6] : Array.from({ length: 3 * largest + 1 }, (_, i) => i + 1);
      const along = symbols.flatMap((symbol) => {
        const sizes = starts.has(symbol)
          ? steps.map((step) => firstOf(symbol) + step)
          : batches.slice(1);
        return sizes.map((size) => new Map(base).set(symbol, size));
      });
      if (lengths.length === 0) return along;
      const usual = new Map(
        [...base].map(([symbol, size]) => {
          const expected = Math.min(typical.get(symbol) ?? 37, MAX_TYPICAL);
          return [symbol, starts.has(symbol) ? Math.max(expected, size + 9) : size + 2];
        }),
      );
      return [...along, shifted(batches[1], 4), shifted(batches[2], 2), usual];
    },
  };
};

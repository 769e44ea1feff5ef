import type {
  BatchNumber,
  PolynomialNumber,
  SizeFactor,
  SymbolicNumber,
  TensorType,
} from './types';

/** The symbol of the batch dimension. */
export const BATCH = 'batch';

/** The sizes of open dimensions by symbol. */
export type Sizes = ReadonlyMap<string, number>;

/** The sizes of a graph whose only open dimension is the batch. */
export const batchSizes = (batchSize: number | undefined): Sizes =>
  new Map(batchSize === undefined ? [] : [[BATCH, batchSize]]);

export const sameSizes = (left: Sizes, right: Sizes): boolean =>
  left.size === right.size && [...left].every(([symbol, size]) => right.get(symbol) === size);

/** For messages: `batch size 2`, or `batch = 2, tokens.1 = 5`. */
export const describeSizes = (sizes: Sizes): string => {
  const [[first, size] = [BATCH, 0], ...others] = sizes;
  if (first === BATCH && others.length === 0) return `batch size ${size}`;
  return [...sizes].map(([symbol, value]) => `${symbol} = ${value}`).join(', ');
};

const hasList = (value: object, key: string): boolean =>
  key in value && Array.isArray((value as Readonly<Record<string, unknown>>)[key]);

/** Tells numbers from the other values of an attribute. */
export const isSymbolicNumber = (value: unknown): value is SymbolicNumber =>
  typeof value === 'number' ||
  (typeof value === 'object' &&
    value !== null &&
    (hasList(value, 'batch') || hasList(value, 'terms')));

export const dependsOnSizes = (value: SymbolicNumber): value is BatchNumber | PolynomialNumber =>
  typeof value !== 'number';

/** The symbols of the open dimensions that a number depends on. */
export const symbolsOf = (value: SymbolicNumber): readonly string[] => {
  if (typeof value === 'number') return [];
  if ('batch' in value) return [BATCH];
  return value.terms.flatMap(({ factors }) => factors.map(({ symbol }) => symbol));
};

/** The symbol of the open dimension that a number is; undefined for all others. */
export const symbolOf = (value: SymbolicNumber): string | undefined => {
  if (typeof value === 'number' || value.reciprocal) return undefined;
  if ('batch' in value) return value.batch.join() === '0,1,0' ? BATCH : undefined;
  const [term, ...otherTerms] = value.terms;
  const [factor, ...otherFactors] = term?.factors ?? [];
  if (term?.coefficient !== 1 || factor === undefined) return undefined;
  const isPlain = factor.power === 1 && factor.divisor === undefined && factor.offset === undefined;
  return isPlain && otherTerms.length + otherFactors.length === 0 ? factor.symbol : undefined;
};

const sizeOfSymbol = (symbol: string, sizes: Sizes): number => {
  const size = sizes.get(symbol);
  if (size !== undefined) return size;
  throw new RangeError(
    symbol === BATCH
      ? 'A number of the graph depends on the batch size, which is not known. Feed a placeholder whose ' +
          'first dimension is the batch.'
      : `A number of the graph depends on the size "${symbol}", which is not known. Feed the placeholder ` +
          'that has this dimension.',
  );
};

const evaluateFactor = (
  { symbol, power, offset = 0, divisor }: SizeFactor,
  sizes: Sizes,
): number => {
  const size = sizeOfSymbol(symbol, sizes) + offset;
  return (divisor === undefined ? size : Math.floor(size / divisor)) ** power;
};

/**
 * The number at some sizes.
 *
 * @param sizes may lack those that the number does not depend on
 * @throws RangeError if the number depends on a size that is not given
 */
export const evaluate = (value: SymbolicNumber, sizes: Sizes): number => {
  if (typeof value === 'number') return value;
  let sum = 0;
  if ('batch' in value) {
    const batchSize = sizeOfSymbol(BATCH, sizes);
    const [a, b, c] = value.batch;
    sum = a + b * batchSize + c * batchSize * batchSize;
  } else {
    for (const { coefficient, factors } of value.terms) {
      let product = coefficient;
      for (const factor of factors) product *= evaluateFactor(factor, sizes);
      sum += product;
    }
  }
  return value.reciprocal ? 1 / sum : sum;
};

export const evaluateShape = (shape: TensorType['shape'], sizes: Sizes): number[] =>
  shape.map((dimension) => evaluate(dimension, sizes));

const textOfNumber = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** A text that two numbers share exactly if they are written alike. */
export const numberKey = (value: SymbolicNumber): string => {
  if (typeof value === 'number') return textOfNumber(value);
  const sum =
    'batch' in value
      ? `(${value.batch.map(textOfNumber)})`
      : `(${value.terms.map(
          ({ coefficient, factors }) =>
            `${textOfNumber(coefficient)} ${factors.map(
              ({ symbol, power, offset = 0, divisor = 1 }) =>
                `${JSON.stringify(symbol)}+${offset}/${divisor}^${power}`,
            )}`,
        )})`;
  return `${value.reciprocal ? '1/' : ''}${sum}`;
};

/** Whether two numbers are equal at all sizes. */
export const equalNumbers = (left: SymbolicNumber, right: SymbolicNumber): boolean =>
  typeof left === 'number' || typeof right === 'number'
    ? Object.is(left, right)
    : numberKey(left) === numberKey(right);

/** Whether two tensors have the same dtype and shape at all sizes. */
export const equalTypes = (left: TensorType, right: TensorType): boolean =>
  left.dtype === right.dtype &&
  left.shape.length === right.shape.length &&
  left.shape.every((dimension, axis) => equalNumbers(dimension, right.shape[axis] ?? Number.NaN));

const superscripts = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

const formatFactor = ({ symbol, power, offset = 0, divisor }: SizeFactor): string => {
  const sum = offset === 0 ? symbol : `(${symbol} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)})`;
  const base = divisor === undefined ? sum : `floor(${sum} / ${divisor})`;
  return power === 1 ? base : `${base}${superscripts[power] ?? `^${power}`}`;
};

const termsOf = (value: BatchNumber | PolynomialNumber): PolynomialNumber['terms'] =>
  'terms' in value
    ? value.terms
    : value.batch.map((coefficient, power) => ({
        coefficient,
        factors: power === 0 ? [] : [{ symbol: BATCH, power }],
      }));

/** The number for a message: `3`, `2·batch`, `1 / (4·batch)`, `batch·tokens.1²`. */
export const formatNumber = (value: SymbolicNumber): string => {
  if (typeof value === 'number') return String(value);
  const terms = termsOf(value).flatMap(({ coefficient, factors }) => {
    if (coefficient === 0) return [];
    const parts = factors.map(formatFactor);
    return [[...(coefficient === 1 && parts.length > 0 ? [] : [coefficient]), ...parts].join('·')];
  });
  const sum = terms.join(' + ') || '0';
  if (!value.reciprocal) return sum;
  return `1 / ${terms.length > 1 || sum.includes('·') ? `(${sum})` : sum}`;
};

/** The shape for a message: `[batch, 3]`. */
export const formatShape = (shape: readonly SymbolicNumber[]): string =>
  `[${shape.map(formatNumber).join(', ')}]`;

/** The type for a message: `float32 [batch, 3]`. */
export const formatType = ({ dtype, shape }: TensorType): string =>
  `${dtype} ${formatShape(shape)}`;

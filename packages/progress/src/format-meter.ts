import { checkedFunction, kinds, required, requiredOptions } from '@elistimator/internal';
import { type DecimalNumber, formatFixed, formatNumber } from './python-number';
import { displayWidth, trimToWidth } from './terminal';

/** The state of a meter. The names are those of tqdm's `format_meter`, in camel case. */
export interface MeterState {
  /** Finished iterations. */
  readonly n: number;
  /** Expected iterations. When absent, 0 or exceeded by `n`, there is no bar and no estimate. */
  readonly total?: number | undefined;
  /** Seconds since the start. */
  readonly elapsed: number;
  /** Width of the meter in columns; 0 omits the bar. When absent, the bar has 10 columns and nothing is cut off. */
  readonly ncols?: number | undefined;
  /** Text before the meter, followed by a colon. */
  readonly prefix?: string | undefined;
  /** Text after the rate, separated by a comma. */
  readonly postfix?: string | undefined;
  /** Name of the unit that is counted. Default: `it`. */
  readonly unit?: string | undefined;
  /** True writes numbers with SI prefixes; a number other than 1 multiplies `n`, `total` and `rate`. */
  readonly unitScale?: boolean | number | undefined;
  /** Factor between two SI prefixes: 1000 (the default), or 1024 for bytes. */
  readonly unitDivisor?: number | undefined;
  /** Iterations per second. Default: the average over `elapsed`. */
  readonly rate?: number | undefined;
  /** The count at the start, which does not contribute to the average rate. Default: 0. */
  readonly initial?: number | undefined;
}

const scaled = (value: number, factor: number): DecimalNumber => ({
  value: value * factor,
  isFloat: !Number.isInteger(value) || !Number.isInteger(factor),
});

const meterState = requiredOptions<MeterState>({
  n: required(kinds.number),
  total: kinds.number,
  elapsed: required(kinds.number),
  ncols: kinds.number,
  prefix: kinds.string,
  postfix: kinds.string,
  unit: kinds.string,
  unitScale: true,
  unitDivisor: kinds.number,
  rate: kinds.number,
  initial: kinds.number,
});

/**
 * Formats a progress meter exactly as tqdm does:
 * `Training (2): 100%|█████████| 1072/1072 [00:04<00:00, 226.56it/s, loss=0.040465]`.
 * Source: `format_meter` in tqdm's `std.py`, with `ascii=False`, no colour and no custom format.
 *
 * @throws ArgumentError for an unknown member, or one that is missing or has the wrong type
 */
export const formatMeter = checkedFunction(
  'formatMeter()',
  { state: meterState },
  (state: MeterState): string => {
    const { elapsed, ncols, prefix = '', unit = 'it', unitScale = false, initial = 0 } = state;
    const divisor = state.unitDivisor ?? 1000;
    const factor = typeof unitScale === 'number' && unitScale !== 0 ? unitScale : 1;
    const isScaled = unitScale === true || unitScale === 1;

    const isExceeded = !!state.total && (state.n >= state.total + 0.5 || state.total === Infinity);
    const n = scaled(state.n, factor);
    const total = state.total === undefined || isExceeded ? undefined : scaled(state.total, factor);
    const rate =
      state.rate === undefined
        ? elapsed === 0
          ? undefined
          : (n.value - initial) / elapsed
        : state.rate * factor;

    const write = (count: DecimalNumber) =>
      isScaled ? formatSize(count.value, divisor) : formatNumber(count.value, count.isFloat);
    const trim = (text: string) => (ncols ? trimToWidth(text, ncols) : text);
    const clock = formatInterval(elapsed);
    const postfix = state.postfix ? `, ${state.postfix}` : '';
    const speed = `${formatRate(rate, unit, isScaled)}${postfix}`;

    if (!total?.value) {
      return trim(`${prefix && `${prefix}: `}${write(n)}${unit} [${clock}, ${speed}]`);
    }

    const fraction = n.value / total.value;
    const remaining = rate ? formatInterval((total.value - n.value) / rate) : '?';
    // Only a meter with a bar omits the second colon after a prefix that ends in one, as in tqdm.
    const label = prefix && (prefix.endsWith(': ') ? prefix : `${prefix}: `);
    const left = `${label}${formatFixed(fraction * 100, 0).padStart(3)}%`;
    const right = ` ${write(n)}/${write(total)} [${clock}<${remaining}, ${speed}]`;
    if (ncols === 0) return `${left}${right}`;
    const width = ncols ? Math.max(1, ncols - displayWidth(`${left}||${right}`)) : 10;
    return trim(`${left}|${formatBar(fraction, width)}|${right}`);
  },
);

/** Iterations per second, or seconds per iteration if that number is larger. */
const formatRate = (rate: number | undefined, unit: string, isScaled: boolean): string => {
  const write = (value: number) =>
    isScaled ? formatSize(value, 1000) : formatFixed(value, 2).padStart(5);
  if (!rate) return `?${unit}/s`;
  const inverse = 1 / rate;
  return inverse > 1 ? `${write(inverse)}s/${unit}` : `${write(rate)}${unit}/s`;
};

/**
 * Formats a duration as `[H:]MM:SS`, as tqdm does. Fractions of a second are dropped.
 * Source: `format_interval` in tqdm's `std.py`.
 *
 * @param seconds may be negative; the result is `?` if it is not finite
 */
export const formatInterval = checkedFunction(
  'formatInterval()',
  { seconds: required(kinds.number) },
  (seconds: number): string => {
    if (!Number.isFinite(seconds)) return '?';
    const sign = seconds < 0 ? '-' : '';
    // BigInt, because an estimate at a tiny rate can exceed the integers that a double holds exactly.
    const whole = BigInt(Math.trunc(Math.abs(seconds)));
    const pad = (part: bigint) => part.toString().padStart(2, '0');
    const hours = whole / 3600n;
    const clock = `${pad((whole / 60n) % 60n)}:${pad(whole % 60n)}`;
    return hours > 0n ? `${sign}${hours}:${clock}` : `${sign}${clock}`;
  },
);

const BLOCKS = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'] as const;

/**
 * Draws a bar with a resolution of an eighth of a column. Source: `Bar` in tqdm's `std.py`.
 *
 * @param fraction the finished part, clamped to 0..1
 * @param width columns of the bar
 */
export const formatBar = (fraction: number, width: number): string => {
  const clamped = Math.min(1, Math.max(0, fraction));
  const eighths = Math.trunc(clamped * width * 8);
  const partial = BLOCKS[eighths % 8] ?? '';
  const full = BLOCKS[8].repeat(Math.floor(eighths / 8));
  return full.length < width ? `${full}${partial}`.padEnd(width) : full;
};

const SI_PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z'];

/**
 * Formats a number with three significant digits and an SI prefix: `1.23k`, `45.6M`.
 * Source: `format_sizeof` in tqdm's `std.py`.
 *
 * @param divisor factor between two prefixes: 1000, or 1024 for bytes
 */
export const formatSize = (value: number, divisor: number): string => {
  let scaledValue = value;
  for (const prefix of SI_PREFIXES) {
    const magnitude = Math.abs(scaledValue);
    if (magnitude < 9.995) return `${formatFixed(scaledValue, 2)}${prefix}`;
    if (magnitude < 99.95) return `${formatFixed(scaledValue, 1)}${prefix}`;
    if (magnitude < 999.5) return `${formatFixed(scaledValue, 0).padStart(3)}${prefix}`;
    scaledValue /= divisor;
  }
  return `${formatFixed(scaledValue, 1)}Y`;
};

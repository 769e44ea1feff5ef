import { displayWidth, trimToWidth } from './display-width';
import { formatBar } from './format-bar';
import { formatInterval } from './format-interval';
import { formatSize } from './format-size';
import { fixed, numberText } from './python-number';

/** What a meter shows. The names are those of tqdm's `format_meter`, in camel case. */
export interface MeterState {
  /** Finished iterations. */
  readonly n: number;
  /** Expected iterations; without it, with 0, or once `n` has passed it, there is no bar and no estimate. */
  readonly total?: number | undefined;
  /** Seconds since the start. */
  readonly elapsed: number;
  /** Columns of the whole meter; 0 leaves the bar out; without it the bar takes 10 and nothing is cut. */
  readonly ncols?: number | undefined;
  /** What stands before the meter; a colon is put behind it. */
  readonly prefix?: string | undefined;
  /** What stands behind the rate, after a comma. */
  readonly postfix?: string | undefined;
  /** What is counted; `it` by default. */
  readonly unit?: string | undefined;
  /** True writes numbers with SI prefixes; a number other than 1 multiplies `n`, `total` and `rate`. */
  readonly unitScale?: boolean | number | undefined;
  /** What lies between two SI prefixes; 1000 by default. */
  readonly unitDivisor?: number | undefined;
  /** Iterations a second; the average over `elapsed` when absent. */
  readonly rate?: number | undefined;
  /** Where counting began; 0 by default. */
  readonly initial?: number | undefined;
}

/** A count and whether Python would hold it as a float, which shows in how it is written. */
interface Count {
  readonly value: number;
  readonly isFloat: boolean;
}

const count = (value: number, factor = 1): Count => ({
  value: value * factor,
  isFloat: !Number.isInteger(value) || !Number.isInteger(factor),
});

/** Iterations a second, or seconds an iteration when that is the larger number. */
const formatRate = (rate: number | undefined, unit: string, isScaled: boolean): string => {
  const write = (value: number) =>
    isScaled ? formatSize(value, 1000) : fixed(value, 2).padStart(5);
  if (!rate) return `?${unit}/s`;
  const inverse = 1 / rate;
  return inverse > 1 ? `${write(inverse)}s/${unit}` : `${write(rate)}${unit}/s`;
};

/**
 * Formats a progress meter exactly as tqdm does:
 * `Training (2): 100%|█████████| 1072/1072 [00:04<00:00, 226.56it/s, loss=0.040465]`.
 * Source: `format_meter` in tqdm's `std.py`, with `ascii=False`, no colour and no custom format.
 */
export const formatMeter = (state: MeterState): string => {
  const { elapsed, ncols, prefix = '', unit = 'it', unitScale = false, initial = 0 } = state;
  const divisor = state.unitDivisor ?? 1000;
  const factor = typeof unitScale === 'number' && unitScale !== 0 ? unitScale : 1;
  const isScaled = unitScale === true || unitScale === 1;

  const isPassed = !!state.total && (state.n >= state.total + 0.5 || state.total === Infinity);
  const n = count(state.n, factor);
  const total = state.total === undefined || isPassed ? undefined : count(state.total, factor);
  const rate =
    state.rate === undefined
      ? elapsed === 0
        ? undefined
        : (n.value - initial) / elapsed
      : state.rate * factor;

  const write = ({ value, isFloat }: Count) =>
    isScaled ? formatSize(value, divisor) : numberText(value, isFloat);
  const trim = (text: string) => (ncols ? trimToWidth(text, ncols) : text);
  const clock = formatInterval(elapsed);
  const postfix = state.postfix ? `, ${state.postfix}` : '';
  const speed = `${formatRate(rate, unit, isScaled)}${postfix}`;

  if (!total?.value) {
    return trim(`${prefix && `${prefix}: `}${write(n)}${unit} [${clock}, ${speed}]`);
  }

  const fraction = n.value / total.value;
  const remaining = rate ? formatInterval((total.value - n.value) / rate) : '?';
  // A prefix that ends in a colon already gets no second one; tqdm looks only where there is a bar.
  const label = prefix && (prefix.endsWith(': ') ? prefix : `${prefix}: `);
  const left = `${label}${fixed(fraction * 100, 0).padStart(3)}%`;
  const right = ` ${write(n)}/${write(total)} [${clock}<${remaining}, ${speed}]`;
  if (ncols === 0) return `${left}${right}`;
  const width = ncols ? Math.max(1, ncols - displayWidth(`${left}||${right}`)) : 10;
  return trim(`${left}|${formatBar(fraction, width)}|${right}`);
};

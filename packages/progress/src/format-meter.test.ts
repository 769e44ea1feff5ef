import { describe, expect, it } from 'vitest';
import { formatBar, formatInterval, formatMeter, formatSize } from './format-meter';

describe('formatMeter', () => {
  it('shows a task of unknown length', () => {
    expect(
      formatMeter({
        n: 1072,
        elapsed: 5.46,
        rate: 196.23,
        ncols: 80,
        prefix: 'Training (1)',
        postfix: 'loss=0.039297',
      }),
    ).toBe('Training (1): 1072it [00:05, 196.23it/s, loss=0.039297]');
  });

  it('fills 80 columns when the length is known', () => {
    expect(
      formatMeter({
        n: 1072,
        total: 1072,
        elapsed: 4.73,
        rate: 226.56,
        ncols: 80,
        prefix: 'Training (2)',
        postfix: 'loss=0.040465',
      }),
    ).toBe('Training (2): 100%|█████████| 1072/1072 [00:04<00:00, 226.56it/s, loss=0.040465]');
    expect(
      formatMeter({
        n: 179,
        total: 179,
        elapsed: 0.4,
        rate: 392.63,
        ncols: 80,
        prefix: 'Validation',
      }),
    ).toBe('Validation: 100%|████████████████████████████| 179/179 [00:00<00:00, 392.63it/s]');
  });

  it('shows eighths of a block', () => {
    expect(formatMeter({ n: 7, total: 16, elapsed: 1, ncols: 50 })).toBe(
      ' 44%|██████▏       | 7/16 [00:01<00:01,  7.00it/s]',
    );
  });

  it('shows seconds per iteration for rates below 1', () => {
    expect(formatMeter({ n: 2, elapsed: 5 })).toBe('2it [00:05,  2.50s/it]');
  });

  it('shows no rate before the first iteration', () => {
    expect(formatMeter({ n: 0, total: 10, elapsed: 0 })).toBe(
      '  0%|          | 0/10 [00:00<?, ?it/s]',
    );
  });

  it('omits the bar if the count exceeds the total', () => {
    expect(formatMeter({ n: 11, total: 10, elapsed: 1 })).toBe('11it [00:01, 11.00it/s]');
  });

  it('cuts off text that does not fit', () => {
    expect(formatMeter({ n: 5, total: 10, elapsed: 1, ncols: 12 })).toBe(' 50%|▌| 5/10');
    expect(formatMeter({ n: 5, total: 10, elapsed: 1, ncols: 0 })).toBe(
      ' 50% 5/10 [00:01<00:01,  5.00it/s]',
    );
  });
});

describe('formatInterval', () => {
  it.each([
    [0, '00:00'],
    [59.99, '00:59'],
    [61, '01:01'],
    [3600, '1:00:00'],
    [360_000, '100:00:00'],
    [-61, '-01:01'],
    [1e19, '2777777777777777:46:40'],
    [Infinity, '?'],
  ])('writes %d s as %s', (seconds, text) => {
    expect(formatInterval(seconds)).toBe(text);
  });
});

describe('formatBar', () => {
  it.each([
    [0, '    '],
    [1 / 32, '▏   '],
    [0.5, '██  '],
    [0.99, '███▉'],
    [1, '████'],
    [1.2, '████'],
    [-1, '    '],
  ])('draws %d as %j', (fraction, bar) => {
    expect(formatBar(fraction, 4)).toBe(bar);
  });
});

describe('formatSize', () => {
  it.each([
    [0, '0.00'],
    [9.994, '9.99'],
    [9.995, '10.0'],
    [99.95, '100'],
    [999.5, '1.00k'],
    [12_345, '12.3k'],
    [1e6, '1.00M'],
    [1e27, '1000.0Y'],
  ])('writes %d as %s', (value, text) => {
    expect(formatSize(value, 1000)).toBe(text);
  });

  it('divides by the divisor', () => {
    expect(formatSize(2048, 1024)).toBe('2.00k');
  });
});

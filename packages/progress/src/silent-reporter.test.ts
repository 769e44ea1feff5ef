import { expect, it } from 'vitest';
import { SilentReporter } from './silent-reporter';
import type { TqdmReporter } from './tqdm-reporter';

it('takes the place of a TqdmReporter and never asks for a redraw', () => {
  const reporters: Pick<TqdmReporter, keyof SilentReporter>[] = [new SilentReporter()];
  for (const reporter of reporters) {
    reporter.begin({ label: 'Training (1)', total: 3 });
    expect(reporter.advance(3)).toBe(false);
    reporter.show({ loss: '0.1' });
    reporter.message('accuracy=1');
    reporter.end();
  }
});

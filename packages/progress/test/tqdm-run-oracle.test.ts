import { pythonOracle, runPython } from '@elistimator/tooling/python';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TqdmReporter } from '../src/reporters';
import { TerminalModel } from './terminal-model';

const { python, reason } = await pythonOracle();

/** Runs tqdm with a simulated clock; `miniters=0` makes its redraws depend on time alone, as ours do. */
const runTqdm = `
import io, json, sys
import tqdm.std as std
now = 0.0
std.time = lambda: now
written = []
for run in json.load(sys.stdin):
    now = 0.0
    out = io.StringIO()
    bar = std.tqdm(desc=run['label'], total=run['total'], file=out, ncols=80, miniters=0, ascii=False)
    for seconds, steps, postfix in run['steps']:
        now += seconds
        if now - bar.last_print_t >= bar.mininterval:
            bar.set_postfix_str(postfix, refresh=False)
        bar.update(steps)
    bar.close()
    written.append(out.getvalue())
print(json.dumps(written))
`;

const run = fc.record({
  label: fc.constantFrom('Training (1)', 'Validation', '訓練'),
  total: fc.option(fc.integer({ min: 1, max: 200 })),
  steps: fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 3000 }).map((milliseconds) => milliseconds / 1024),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom('loss=0.1', 'loss=0.039297', 'loss=nan, accuracy=0.5'),
    ),
    { maxLength: 40 },
  ),
});

/** Parses `loss=0.1, accuracy=0.5` into the argument of `show`. */
const parsePostfix = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)=([^,]+)/g)].map(([, name = '', value = '']) => [name, value]),
  );

describe.skipIf(!python)(
  `TqdmReporter against Python's tqdm${reason ? ` (${reason})` : ''}`,
  () => {
    it('writes the same bytes to a terminal, redraw by redraw', () => {
      const runs = fc.sample(run, { numRuns: 300, seed: 4 });
      const expected = runPython<string[]>(python ?? '', runTqdm, [], JSON.stringify(runs));
      const actual = runs.map(({ label, total, steps }) => {
        let now = 0;
        const terminal = new TerminalModel();
        const reporter = new TqdmReporter({ stream: terminal, clock: () => now });
        reporter.begin({ label, total: total ?? undefined });
        for (const [seconds, count, postfix] of steps) {
          now += seconds;
          if (reporter.advance(count)) reporter.show(parsePostfix(postfix));
        }
        reporter.end();
        return terminal.written;
      });
      expect(actual).toEqual(expected);
    });
  },
);

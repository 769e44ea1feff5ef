import { pythonOracle, runPython } from '@elistimator/tooling/python';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMeter } from '../src/format-meter';

const { python, reason } = await pythonOracle();

const CASES = 4000;

const formatWithTqdm = `
import json, sys
from tqdm import tqdm
cases = json.load(sys.stdin)
print(json.dumps([tqdm.format_meter(**{'total': None, **case}) for case in cases]))
`;

/** Characters whose width is the same in all versions of Unicode since 13. */
const character = fc.constantFrom(
  ...'abcXYZ 0189_=%|[]:,.',
  ...'äñß×αβЖ',
  ...'訓練中ｱｲＡＢ한글「」',
  ...'🚀🎉👨‍👩',
  ...['\u0301', '\u200d', '\ufe0f', '▏', '█', '\u001b[31m', '\u001b[0m'],
);
const text = fc.array(character, { maxLength: 24 }).map((parts) => parts.join(''));
const label = fc.oneof(
  fc.constantFrom('', 'Training (1)', 'Validation', 'Evaluation: ', 'ends in colon:'),
  text,
);
const postfix = fc.oneof(fc.constantFrom('', 'loss=0.039297', 'loss=nan, accuracy=0.9682'), text);
/** Multiples of 1/8, where rounding differs between languages, and any other numbers. */
const fraction = (max: number) =>
  fc.oneof(
    fc.integer({ min: 1, max: max * 8 }).map((eighths) => eighths / 8),
    fc.double({ min: 1e-5, max, noNaN: true }),
  );
const count = fc.oneof(
  { weight: 6, arbitrary: fc.nat(2000) },
  { weight: 2, arbitrary: fc.nat(2 ** 31 - 1) },
  { weight: 1, arbitrary: fc.maxSafeNat().map((n) => Math.floor(n / 1024)) },
  { weight: 2, arbitrary: fraction(1000) },
);
const meter = fc.record(
  {
    n: count,
    total: count,
    elapsed: fc.oneof(fc.constantFrom(0, 0.25, 3599.9), fraction(100), fraction(1e6)),
    ncols: fc.oneof(fc.constant(80), fc.constantFrom(0, 1, 2, 10), fc.nat(200)),
    prefix: label,
    postfix,
    unit: fc.constantFrom('it', 'B', '枚', ' examples'),
    unit_scale: fc.constantFrom(true, false, 1, 2, 1024, 0.5, 1.5),
    unit_divisor: fc.constantFrom(1000, 1024),
    rate: fc.oneof(
      fc.constantFrom(0, 0.5, 0.125, 0.005),
      fraction(1000),
      fraction(2),
      fraction(1e7),
    ),
    initial: fc.nat(100),
  },
  { requiredKeys: ['n', 'elapsed'] },
);
/** Half of the cases are partly finished tasks, which show a bar. */
const cases = fc.oneof(
  meter,
  fc
    .tuple(meter, fc.double({ min: 0, max: 1.02, noNaN: true }), fc.integer({ min: 1, max: 1e6 }))
    .map(([state, done, total]) => ({ ...state, n: Math.round(total * done), total })),
);

describe.skipIf(!python)(`formatMeter against Python's tqdm${reason ? ` (${reason})` : ''}`, () => {
  it(`writes the same ${CASES} random meters`, () => {
    const sample = fc.sample(cases, { numRuns: CASES, seed: 20 });
    const expected = runPython<string[]>(python ?? '', formatWithTqdm, [], JSON.stringify(sample));
    const actual = sample.map(({ unit_scale, unit_divisor, ...state }) =>
      formatMeter({ ...state, unitScale: unit_scale, unitDivisor: unit_divisor }),
    );
    const differing = sample
      .map((state, i) => ({ state, expected: expected[i], actual: actual[i] }))
      .filter((meter) => meter.expected !== meter.actual);
    expect(differing.slice(0, 5)).toEqual([]);
    expect(expected).toHaveLength(CASES);
  });
});

import { uncheckedFunctions } from '@elistimator/tooling/public-surface';
import { expect, it, test } from 'vitest';
import * as exports from '.';

const draw = { distribution: 'normal', shape: [2], seed: 1, index: 0 } as const;

const call = (fn: unknown, ...args: unknown[]): unknown =>
  (fn as (...args: unknown[]) => unknown)(...args);

it('no public function ignores superfluous arguments', async () => {
  const unchecked = await uncheckedFunctions(exports);
  // It takes any number of arguments.
  expect(unchecked).toEqual(['mixSeed()']);
});

// As in JavaScript, where types are not checked.
test.each<[string, () => unknown, RegExp]>([
  [
    'a misspelt distribution',
    () => call(exports.randomTensor, { ...draw, distribution: 'gauss' }),
    /got "gauss"/,
  ],
  [
    'a parameter of another distribution',
    () => call(exports.randomTensor, { ...draw, parameters: { minval: 2 } }),
    /mean and stddev of "normal", got minval: 2/,
  ],
  [
    'a misspelt option of trace()',
    () => call(exports.trace, () => [], {}, { batchSize: [2, 3, 5, 7] }),
    /"batchSize".*"batchSizes"/,
  ],
  [
    'the name of a signature as option',
    () => call(exports.trace, () => [], {}, 'train'),
    /"options" of trace\(\)/,
  ],
  [
    'a misspelt key of an input',
    () => call(exports.trace, () => [], { x: { shape: [null], dType: 'int32' } }),
    /the input "x": expected only shape, dtype, range, typical, got "dType"/,
  ],
  [
    'a positional flag of scan()',
    () => call(exports.scan, () => [], { inputs: [], initialStates: [] }, true),
    /at most 2 arguments/,
  ],
])('%s is refused', (_, run, message) => {
  expect(run).toThrow(message);
});

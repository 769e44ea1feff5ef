import type { Libtensorflow, TfSession, TfTensor } from '@elistimator/libtensorflow';
import type * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import type { LoweredSignature } from '../../src/lower/lower';
import { allVariables, type Values } from './eager';

/** The numbers of a run, by name. */
export interface SessionResult {
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  readonly variables: Readonly<Record<string, readonly number[]>>;
}

/** The parts of a complex number count as two. */
const numbersOf = (tensor: TfTensor): readonly number[] => Array.from(tensor.data(), Number);

const toTensor = (tensorflow: Libtensorflow, tensor: tf.Tensor): TfTensor => {
  const { dtype, shape } = tensor;
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') {
    return tensorflow.tensor(dtype, shape, tensor.dataSync());
  }
  throw new Error(`${dtype} is not fed in tests.`);
};

/**
 * Runs a lowered signature once, from the current values of tfjs's variables.
 *
 * @param seed the seed of the run, for its random numbers
 */
export const runInSession = (
  tensorflow: Libtensorflow,
  session: TfSession,
  lowered: LoweredSignature,
  inputs: Readonly<Record<string, tf.Tensor>>,
  seed: number,
): SessionResult => {
  const open: TfTensor[] = [];
  const made = (tensor: TfTensor): TfTensor => {
    open.push(tensor);
    return tensor;
  };
  try {
    const current = allVariables();
    for (const { name, newValue, assign } of lowered.variables) {
      const variable = current[name];
      if (variable === undefined) throw new Error(`There is no variable "${name}".`);
      const value = made(toTensor(tensorflow, variable));
      session.run({ feeds: { [newValue]: value }, targets: [assign] });
    }
    const feeds = Object.fromEntries(
      lowered.feeds.map(({ name, tensor }) => {
        const input = inputs[name];
        if (input === undefined) throw new Error(`There is no input "${name}".`);
        return [tensor, made(toTensor(tensorflow, input))];
      }),
    );
    if (lowered.seed !== undefined) {
      feeds[lowered.seed] = made(tensorflow.tensor('int64', [], BigInt64Array.of(BigInt(seed))));
    }
    const fetch = (
      ports: readonly (readonly [name: string, tensor: string])[],
      targets: string[],
    ) => {
      if (ports.length + targets.length === 0) return {};
      const fetches = ports.map(([, tensor]) => tensor);
      const results = session.run({ feeds, fetches, targets });
      return Object.fromEntries(
        ports.map(([name], index) => {
          const result = results[index];
          if (result === undefined) throw new Error(`"${name}" was not fetched.`);
          return [name, numbersOf(made(result))];
        }),
      );
    };
    return {
      outputs: fetch(
        lowered.fetches.map(({ name, tensor }) => [name, tensor]),
        lowered.update === undefined ? [] : [lowered.update],
      ),
      variables: fetch(
        lowered.variables.map(({ name, value }) => [name, value]),
        [],
      ),
    };
  } finally {
    for (const tensor of open) tensor.close();
  }
};

/**
 * Compares numbers relative to the largest of each tensor: sums in other orders differ by rounding.
 *
 * @param options.tolerance relative to the largest magnitude. Default: 2e-4
 * @param options.outliers the part of the elements that may differ by up to 100 times as much; at least one element. Default: none
 */
export const expectClose = (
  actual: SessionResult['outputs'],
  expected: Values,
  { tolerance = 2e-4, outliers = 0 }: { tolerance?: number | undefined; outliers?: number } = {},
): void => {
  for (const [name, values] of Object.entries(actual)) {
    const wanted = (expected[name] ?? []).map(Number);
    expect(values.length, `the size of ${name}`).toBe(wanted.length);
    const scale = Math.max(1e-3, ...wanted.map(Math.abs).filter(Number.isFinite));
    let beyond = 0;
    values.forEach((value, index) => {
      const other = wanted[index] ?? Number.NaN;
      if (Object.is(value, other) || value === other) return;
      const difference = Math.abs(value - other);
      const isAllowed = outliers > 0 && difference < 100 * tolerance * scale;
      if (isAllowed && difference >= tolerance * scale) beyond++;
      const what = `${name}[${index}]: ${value} in the session, ${other} expected`;
      if (!isAllowed) expect(difference, what).toBeLessThan(tolerance * scale);
    });
    expect(beyond, `elements of ${name} that differ more`).toBeLessThanOrEqual(
      outliers === 0 ? 0 : Math.max(1, outliers * values.length),
    );
  }
};

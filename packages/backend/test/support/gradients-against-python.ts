import { dirname } from 'node:path';
import { pythonOracle } from '@elistimator/tooling/python';
import { describe, expect, it } from 'vitest';
import { type BackendName, useBackend } from '../../src';
import { askPython } from './ask-python';
import { gradientCases } from './gradient-cases';
import { caseOf, type GradientResult, runGradientCase } from './run-gradient-case';
import { distance } from './wasm';

/**
 * The backends that gradients are tested on, by the process that they run in: a process loads one
 * TensorFlow only.
 */
export const gradientBackends = {
  first: ['cpu', 'wasm', 'tfjs-node'],
  second: ['libtensorflow'],
} as const satisfies Readonly<Record<string, readonly BackendName[]>>;

const names = Object.keys(gradientCases);

/**
 * Why a backend does not start here, or undefined where it does. Python's environment holds a
 * libtensorflow.
 */
const whyNot = async (backend: BackendName, python: string): Promise<string | undefined> =>
  useBackend({
    backend,
    ...(backend === 'libtensorflow' && { libtensorflow: dirname(dirname(python)) }),
  }).then(
    () => undefined,
    (error: Error) => error.message,
  );

interface Start {
  readonly backend: BackendName;
  readonly missing: string | undefined;
}

const startAll = async (
  backends: readonly BackendName[],
  python: string,
): Promise<readonly Start[]> => {
  const starts: Start[] = [];
  for (const backend of backends) starts.push({ backend, missing: await whyNot(backend, python) });
  return starts;
};

/**
 * What Python gives for every case. The shapes of results come from wasm, which starts anywhere.
 */
const oracleOf = async (python: string) => {
  await useBackend({ backend: 'wasm' });
  const shapes = Object.fromEntries(names.map((name) => [name, runGradientCase(name).shape]));
  return askPython(python, shapes);
};

const expectAsInPython = (name: string, expected: GradientResult | undefined): void => {
  const { y, gradients } = runGradientCase(name);
  expect(y.length).toBe(expected?.y.length);
  expect(distance(y, expected?.y ?? [])).toBeLessThan(2e-5);
  expect(gradients.length).toBe(expected?.gradients.length);
  gradients.forEach((gradient, index) => {
    expect(distance(gradient, expected?.gradients[index] ?? [])).toBeLessThan(1e-4);
  });
};

/** Defines a test of every gradient case on each backend that starts. */
export const testGradientsAgainstPython = async (
  backends: readonly BackendName[],
): Promise<void> => {
  const { python, reason } = await pythonOracle();
  const starts = await startAll(backends, python ?? '');
  const usable = starts.some(({ missing }) => missing === undefined);
  const expected = python && usable ? await oracleOf(python) : {};
  for (const { backend, missing } of starts) {
    const lacking = python ? missing : reason;
    const title = `gradients against Python TensorFlow on ${backend}`;
    describe.skipIf(lacking)(lacking ? `${title} (${lacking})` : title, () => {
      it.each(names)('%s', async (name) => {
        await useBackend({ backend });
        const known = caseOf(name).fails?.[backend];
        const check = async () => expectAsInPython(name, expected[name]);
        // The day that tfjs mends what is known, this says so.
        await (known ? expect(check(), known).rejects.toThrow() : check());
      });
    });
  }
};

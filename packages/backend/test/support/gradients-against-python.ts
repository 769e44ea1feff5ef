import { dirname } from 'node:path';
import { pythonOracle } from '@elistimator/tooling/python';
import { describe, expect, it } from 'vitest';
import { type BackendName, useBackend } from '../../src';
import { askPython } from './ask-python';
import { gradientCases } from './gradient-cases';
import { caseOf, type GradientResult, runGradientCase } from './run-gradient-case';
import { distance } from './wasm';

/** The tested backends, by test process: a process can load only one TensorFlow. */
export const gradientBackends = {
  first: ['cpu', 'wasm', 'tfjs-node'],
  second: ['libtensorflow'],
} as const satisfies Readonly<Record<string, readonly BackendName[]>>;

const names = Object.keys(gradientCases);

/** Starts a backend; returns the error message if that fails. */
const startError = async (backend: BackendName, python: string): Promise<string | undefined> =>
  useBackend({
    backend,
    ...(backend === 'libtensorflow' && { libtensorflow: dirname(dirname(python)) }),
  }).then(
    () => undefined,
    (error: Error) => error.message,
  );

interface Start {
  readonly backend: BackendName;
  readonly error: string | undefined;
}

const startAll = async (
  backends: readonly BackendName[],
  python: string,
): Promise<readonly Start[]> => {
  const starts: Start[] = [];
  for (const backend of backends)
    starts.push({ backend, error: await startError(backend, python) });
  return starts;
};

/** Python's results for every case. Their shapes come from wasm, which always starts. */
const pythonResults = async (python: string) => {
  await useBackend({ backend: 'wasm' });
  const shapes = Object.fromEntries(names.map((name) => [name, runGradientCase(name).shape]));
  return askPython(python, shapes);
};

const expectPythonResult = (name: string, expected: GradientResult | undefined): void => {
  const { y, gradients } = runGradientCase(name);
  expect(y.length).toBe(expected?.y.length);
  expect(distance(y, expected?.y ?? [])).toBeLessThan(2e-5);
  expect(gradients.length).toBe(expected?.gradients.length);
  gradients.forEach((gradient, index) => {
    expect(distance(gradient, expected?.gradients[index] ?? [])).toBeLessThan(1e-4);
  });
};

/** Defines a test for every gradient case on each backend that starts. */
export const testGradientsAgainstPython = async (
  backends: readonly BackendName[],
): Promise<void> => {
  // On some CPUs oneDNN supports cases that are listed as known failures of TensorFlow's own kernels.
  process.env.TF_ENABLE_ONEDNN_OPTS = '0';
  const { python, reason } = await pythonOracle();
  const starts = await startAll(backends, python ?? '');
  const usable = starts.some(({ error }) => error === undefined);
  const expected = python && usable ? await pythonResults(python) : {};
  for (const { backend, error } of starts) {
    const skipReason = python ? error : reason;
    const title = `gradients against Python TensorFlow on ${backend}`;
    describe.skipIf(skipReason)(skipReason ? `${title} (${skipReason})` : title, () => {
      it.each(names)('%s', async (name) => {
        await useBackend({ backend });
        const knownFailure = caseOf(name).fails?.[backend];
        const check = async () => expectPythonResult(name, expected[name]);
        // Fails once tfjs fixes a known failure.
        await (knownFailure ? expect(check(), knownFailure).rejects.toThrow() : check());
      });
    });
  }
};

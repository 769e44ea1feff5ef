import { expect, it } from 'vitest';
import { doctor, findDuplicateTfjs, formatDoctorReport, useBackend } from '.';
import { registerWasmTrainingKernels } from './wasm';

/** Calls a function as JavaScript may. */
const call = (fn: unknown, ...args: unknown[]): unknown =>
  (fn as (...args: unknown[]) => unknown)(...args);

it.each<[string, () => unknown, string]>([
  [
    'a positional backend',
    () => call(useBackend, 'wasm'),
    'options of useBackend(): expected an object',
  ],
  [
    'two arguments',
    () => call(useBackend, { backend: 'cpu' }, 4),
    'useBackend(): expected at most 1 argument',
  ],
  ['an unknown option', () => call(useBackend, { thread: 1 }), 'Did you mean "threads"?'],
  ['an unknown option of gpu', () => call(useBackend, { gpu: { memory: 1 } }), 'memoryFraction'],
  [
    'a positional directory',
    () => call(doctor, '/tmp'),
    '"options" of doctor(): expected an object',
  ],
  ['a misspelt option', () => call(doctor, { timeLimit: 5 }), 'Did you mean "timeLimitMs"?'],
])('%s is rejected', (_, run, message) => expect(run()).rejects.toThrow(message));

it.each<[string, () => unknown, string]>([
  ['a report that is missing', () => call(formatDoctorReport), '"report" of formatDoctorReport()'],
  [
    'a directory that is no string',
    () => call(findDuplicateTfjs, 3),
    '"application" of findDuplicateTfjs()',
  ],
  [
    'options for the kernels',
    () => call(registerWasmTrainingKernels, { only: [] }),
    'registerWasmTrainingKernels(): expected no arguments',
  ],
])('%s is rejected', (_, run, message) => expect(run).toThrow(message));

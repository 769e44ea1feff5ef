// In a separate file, since a process can load only one TensorFlow.
import { dirname } from 'node:path';
import { pythonOracle } from '@elistimator/tooling/python';
import { describe } from 'vitest';
import { testReplays } from './support/replays';

const oracle = await pythonOracle();
const title = `on libtensorflow${oracle.reason ? ` (skipped: ${oracle.reason})` : ''}`;
/** Python's environment, `bin/python` in it, holds the library. */
const libtensorflow = dirname(dirname(oracle.python ?? ''));

describe.skipIf(oracle.python === undefined)(title, () => {
  testReplays('with every model', { backend: 'libtensorflow', libtensorflow, deterministic: true });
});

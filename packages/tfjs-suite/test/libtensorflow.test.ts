import { dirname } from 'node:path';
import { pythonOracle } from '@elistimator/tooling/python';
import { describe, test } from 'vitest';
import { libtensorflowExcuses } from '../src/excuses/libtensorflow';
import { runSuite } from '../src/run-suite';
import { defineTests } from './define-tests';

const { python, reason } = await pythonOracle();
const title = 'TensorFlow of the Python environment';

if (python === undefined) {
  test.skip(`${title}: skipped, since ${reason}`);
} else {
  // The virtual environment, which contains `bin/python`.
  const environment = { ELISTIMATOR_LIBTENSORFLOW: dirname(dirname(python)) };
  const report = await runSuite('libtensorflow', environment);
  describe(title, () => {
    defineTests(report, {
      excuses: libtensorflowExcuses,
      specs: 4230,
      backend: 'tensorflow/NodeJSKernelBackend',
    });
  });
}

import { cpuExcuses } from '../src/excuses/cpu';
import { runSuite } from '../src/run-suite';
import { defineTests } from './define-tests';

defineTests(await runSuite('cpu'), {
  excuses: cpuExcuses,
  specs: 4232,
  backend: 'cpu/MathBackendCPU',
});

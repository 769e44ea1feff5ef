import { wasmExcuses } from '../src/excuses/wasm';
import { runSuite } from '../src/run-suite';
import { defineTests } from './define-tests';

defineTests(await runSuite('wasm'), {
  excuses: wasmExcuses,
  specs: 4230,
  backend: 'wasm/BackendWasm',
});

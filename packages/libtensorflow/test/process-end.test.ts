import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { oracle } from './library';

const { path = '', reason } = await oracle();

const source = fileURLToPath(new URL('../src/index.ts', import.meta.url));

/** Code that a process runs with the library before it ends. */
const scripts = {
  loading: '',
  'a session': 'const g = tensorflow.graph(); tensorflow.session(g).devices();',
  'a binding':
    'const b = tensorflow.tfjsBinding(); b.createTensor([], b.TF_FLOAT, Float32Array.of(1));',
  'tensors, and process.exit()': "tensorflow.tensor('string', [1], ['a']).data(); process.exit(0);",
  'a view': "globalThis.view = tensorflow.tensor('float32', [9]).view();",
  'an asynchronous run in progress, and process.exit()':
    'const s = tensorflow.session(tensorflow.graph()); s.runAsync({}); process.exit(0);',
};

describe.skipIf(reason !== undefined)('a process exits cleanly after', () => {
  test.each(Object.entries(scripts))('%s', (_, code) => {
    const script = `
      import { loadLibtensorflow } from ${JSON.stringify(source)};
      const tensorflow = await loadLibtensorflow({ path: ${JSON.stringify(path)} });
      ${code}`;
    const { status, signal, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { encoding: 'utf8', cwd: fileURLToPath(new URL('..', import.meta.url)) },
    );
    expect({ status, signal, stderr: status === 0 ? '' : stderr }).toEqual({
      status: 0,
      signal: null,
      stderr: '',
    });
  });
});

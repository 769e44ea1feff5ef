import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkImports } from '../check-imports.mjs';

const script = fileURLToPath(new URL('../check-imports.mjs', import.meta.url));

let root;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'check-imports-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Runs the check on a checkout of these files, given as path in `packages/` to source text. */
const check = async (files) => {
  for (const [path, source] of Object.entries(files)) {
    const file = join(root, 'packages', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source);
  }
  const { output, exitCode } = await checkImports(root);
  const rules = [...output.matchAll(/error ([\w-]+):/g)].map(([, rule]) => rule);
  expect(exitCode).toBe(rules.length);
  return rules;
};

describe('check-imports', () => {
  it('passes imports that the tables allow', async () => {
    expect(
      await check({
        'core/src/index.ts': "export { Estimator } from './estimator/estimator';\n",
        'core/src/estimator/estimator.ts':
          "import { setup } from '../lifecycle/setup';\nexport const Estimator = setup;\n",
        'core/src/lifecycle/setup.ts':
          "import { trace } from '@elistimator/graph';\nimport type { Sink } from '../ports/sink';\n" +
          'export const setup: Sink = trace;\n',
        'core/src/ports/sink.ts': 'export type Sink = unknown;\n',
        'graph/src/index.ts': "import '@tensorflow/tfjs';\nexport const trace = 1;\n",
      }),
    ).toEqual([]);
  });

  it('finds a circle of two files', async () => {
    const rules = await check({
      'graph/src/one.ts': "import { two } from './two';\nexport const one = () => two;\n",
      'graph/src/two.ts': "import { one } from './one';\nexport const two = () => one;\n",
    });
    expect(new Set(rules)).toEqual(new Set(['no-circle']));
  });

  it('finds a circle that consists of types, through a third file', async () => {
    const rules = await check({
      'graph/src/one.ts':
        "import type { Two } from './two';\nexport interface One { readonly two: Two }\n",
      'graph/src/two.ts':
        "import type { Three } from './three';\nexport interface Two { readonly three: Three }\n",
      'graph/src/three.ts':
        "import type { One } from './one';\nexport interface Three { readonly one: One }\n",
    });
    expect(new Set(rules)).toEqual(new Set(['no-circle']));
  });

  it.each([
    ['a room below another one', 'core/src/scope/random.ts', '../model/model'],
    ['ports', 'core/src/ports/sink.ts', '../errors/errors'],
    ['data, which knows no model', 'core/src/dataset/batch.ts', '../model/model'],
  ])('finds a forbidden import between the rooms of core: %s', async (_, path, specifier) => {
    const rules = await check({
      [path]: `import type { Name } from '${specifier}';\nexport type Other = Name;\n`,
      'core/src/model/model.ts': 'export type Name = string;\n',
      'core/src/errors/errors.ts': 'export type Name = string;\n',
    });
    expect(rules).toEqual([`core-${path.split('/')[2]}`]);
  });

  it('asks for a new room to be added to the table', async () => {
    const rules = await check({
      'core/src/attic/box.ts': "import { a } from '../errors/a';\nexport const box = a;\n",
      'core/src/errors/a.ts': 'export const a = 1;\n',
    });
    expect(rules).toEqual(['core-unknown-room']);
  });

  it.each([
    ['core', '@elistimator/checkpoint', 'package-core'],
    ['core', 'tfjs-tensorboard-writer', 'package-core'],
    ['graph', '@elistimator/core', 'package-graph'],
    ['backend', 'elistimator', 'package-backend'],
    ['checkpoint', '@tensorflow/tfjs', 'package-checkpoint-has-no-tfjs'],
    ['tensorboard', '@tensorflow/tfjs-core', 'package-tensorboard-has-no-tfjs'],
  ])(
    'finds a forbidden import between packages: %s imports %s',
    async (folder, specifier, rule) => {
      const source = `export * from '${specifier}';\n`;
      const rules = await check({ [`${folder}/src/index.ts`]: source });
      expect(rules).toEqual([rule]);
    },
  );

  it('finds an import by a path into another package', async () => {
    const rules = await check({
      'core/src/index.ts': "export { trace } from '../../graph/src/trace';\n",
      'graph/src/trace.ts': 'export const trace = 1;\n',
    });
    expect(rules).toEqual(['by-package-name']);
  });

  it('leaves tests alone', async () => {
    expect(
      await check({
        'core/src/scope/random.test.ts': "import '../model/model';\n",
        'core/src/model/model.ts': 'export const model = 1;\n',
      }),
    ).toEqual([]);
  });

  it('fails as a command, with the files and the rule', async () => {
    await check({ 'checkpoint/src/a.ts': "import '@tensorflow/tfjs';\nexport const a = 1;\n" });
    const { status, stdout } = spawnSync(process.execPath, [script, root], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).toContain('packages/checkpoint/src/a.ts → @tensorflow/tfjs');
    expect(stdout).toContain('packages/checkpoint works without TensorFlow.js.');
  });
});

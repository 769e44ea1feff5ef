import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { findDuplicateTfjs, findTfjsPackages } from './tfjs-packages';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'application-')));
  onTestFinished(() => rmSync(root, { recursive: true }));
});

/** Writes a package. Its dependencies are installed separately. */
const install = (
  path: string,
  name: string,
  version: string,
  dependencies: readonly string[] = [],
  field = 'dependencies',
): string => {
  const directory = join(root, path);
  mkdirSync(directory, { recursive: true });
  const ranges = Object.fromEntries(dependencies.map((dependency) => [dependency, '*']));
  const manifest = { name, version, main: 'index.js', [field]: ranges };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(directory, 'index.js'), '');
  return directory;
};

const tfjs = '@tensorflow/tfjs';
const core = '@tensorflow/tfjs-core';
const installPath = (name: string, parent = '') => join(parent, 'node_modules', name);

it('returns no duplicates if all packages share one copy', () => {
  install('', 'app', '1.0.0', [tfjs, core]);
  install(installPath(tfjs), tfjs, '4.22.0', [core]);
  install(installPath(core), core, '4.22.0');
  expect(findDuplicateTfjs(root, [])).toEqual([]);
  expect(findTfjsPackages(join(root, 'src', 'deep'), [])).toEqual([
    { name: tfjs, version: '4.22.0', directory: join(root, installPath(tfjs)) },
    { name: core, version: '4.22.0', directory: join(root, installPath(core)) },
  ]);
});

it('finds nested copies, as Node resolves them', () => {
  install('', 'app', '1.0.0', [tfjs, 'helper']);
  install(installPath(tfjs), tfjs, '4.22.0', [core]);
  const first = install(installPath(core), core, '4.22.0');
  const helper = install(installPath('helper'), 'helper', '1.0.0', [core], 'peerDependencies');
  const second = install(installPath(core, installPath('helper')), core, '3.9.0');
  expect(findDuplicateTfjs(root, [])).toEqual([
    { name: core, version: '4.22.0', directory: first, usedBy: [tfjs] },
    { name: core, version: '3.9.0', directory: second, usedBy: ['helper'] },
  ]);
  expect(dirname(createRequire(join(helper, 'index.js')).resolve(core))).toBe(second);
});

it("finds this package's copy in addition to the application's", () => {
  install('app', 'app', '1.0.0', [core]);
  install(installPath(core, 'app'), core, '4.22.0');
  const linked = install('linked', '@elistimator/backend', '1.0.0', [tfjs], 'devDependencies');
  install(installPath(tfjs, 'linked'), tfjs, '4.22.0', [core]);
  install(installPath(core, 'linked'), core, '4.22.0');
  expect(findDuplicateTfjs(join(root, 'app'), [linked]).map(({ usedBy }) => usedBy)).toEqual([
    ['this application'],
    [tfjs],
  ]);
});

it('treats links to one directory as one copy, and tolerates cycles', () => {
  install('', 'app', '1.0.0', [tfjs, core]);
  install('store/tfjs', tfjs, '4.22.0', [core]);
  install('store/core', core, '4.22.0', [tfjs]);
  mkdirSync(join(root, 'store/node_modules/@tensorflow'), { recursive: true });
  mkdirSync(join(root, 'node_modules/@tensorflow'), { recursive: true });
  for (const parent of ['', 'store']) {
    symlinkSync(join(root, 'store/tfjs'), join(root, installPath(tfjs, parent)));
    symlinkSync(join(root, 'store/core'), join(root, installPath(core, parent)));
  }
  expect(findDuplicateTfjs(root, [])).toEqual([]);
  expect(findTfjsPackages(root, [])).toHaveLength(2);
});

it('returns an empty array if nothing is installed', () => {
  expect(findTfjsPackages(root, [])).toEqual([]);
});

it.each([
  ['invalid JSON', '{ broken'],
  ['not an object', 'null'],
  ['of the wrong types', '{"name":1,"version":2,"dependencies":"tfjs","peerDependencies":null}'],
])('treats a package.json that is %s as empty', (_, text) => {
  install('', 'app', '1.0.0', [tfjs, core]);
  install(installPath(tfjs), tfjs, '4.22.0', [core]);
  install(installPath(core), core, '4.22.0');
  writeFileSync(join(root, installPath(tfjs), 'package.json'), text);
  expect(findTfjsPackages(root, [])).toEqual([
    { name: tfjs, version: '', directory: join(root, installPath(tfjs)) },
    { name: core, version: '4.22.0', directory: join(root, installPath(core)) },
  ]);
  writeFileSync(join(root, 'package.json'), text);
  expect(findTfjsPackages(root, [])).toEqual([]);
  expect(findDuplicateTfjs(root, [])).toEqual([]);
});

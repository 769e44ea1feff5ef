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

/** Writes a package; its dependencies are wherever they are found from it. */
const install = (
  path: string,
  name: string,
  version: string,
  dependencies: readonly string[] = [],
  kind = 'dependencies',
): string => {
  const directory = join(root, path);
  mkdirSync(directory, { recursive: true });
  const wanted = Object.fromEntries(dependencies.map((each) => [each, '*']));
  const manifest = { name, version, main: 'index.js', [kind]: wanted };
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(directory, 'index.js'), '');
  return directory;
};

const tfjs = '@tensorflow/tfjs';
const core = '@tensorflow/tfjs-core';
const at = (name: string, inside = '') => join(inside, 'node_modules', name);

it('finds one copy where all share it', () => {
  install('', 'app', '1.0.0', [tfjs, core]);
  install(at(tfjs), tfjs, '4.22.0', [core]);
  install(at(core), core, '4.22.0');
  expect(findDuplicateTfjs(root, [])).toEqual([]);
  expect(findTfjsPackages(join(root, 'src', 'deep'), [])).toEqual([
    { name: tfjs, version: '4.22.0', directory: join(root, at(tfjs)) },
    { name: core, version: '4.22.0', directory: join(root, at(core)) },
  ]);
});

it('finds the copies of nested packages, as Node resolves them', () => {
  install('', 'app', '1.0.0', [tfjs, 'helper']);
  install(at(tfjs), tfjs, '4.22.0', [core]);
  const first = install(at(core), core, '4.22.0');
  const helper = install(at('helper'), 'helper', '1.0.0', [core], 'peerDependencies');
  const second = install(at(core, at('helper')), core, '3.9.0');
  expect(findDuplicateTfjs(root, [])).toEqual([
    { name: core, version: '4.22.0', directory: first, usedBy: [tfjs] },
    { name: core, version: '3.9.0', directory: second, usedBy: ['helper'] },
  ]);
  expect(dirname(createRequire(join(helper, 'index.js')).resolve(core))).toBe(second);
});

it('finds the copy of this package beside that of the application', () => {
  install('app', 'app', '1.0.0', [core]);
  install(at(core, 'app'), core, '4.22.0');
  const own = install('linked', '@elistimator/backend', '1.0.0', [tfjs], 'devDependencies');
  install(at(tfjs, 'linked'), tfjs, '4.22.0', [core]);
  install(at(core, 'linked'), core, '4.22.0');
  expect(findDuplicateTfjs(join(root, 'app'), [own]).map(({ usedBy }) => usedBy)).toEqual([
    ['this application'],
    [tfjs],
  ]);
});

it('takes links to one directory for one copy, and cycles for what they are', () => {
  install('', 'app', '1.0.0', [tfjs, core]);
  install('store/tfjs', tfjs, '4.22.0', [core]);
  install('store/core', core, '4.22.0', [tfjs]);
  mkdirSync(join(root, 'store/node_modules/@tensorflow'), { recursive: true });
  mkdirSync(join(root, 'node_modules/@tensorflow'), { recursive: true });
  for (const inside of ['', 'store']) {
    symlinkSync(join(root, 'store/tfjs'), join(root, at(tfjs, inside)));
    symlinkSync(join(root, 'store/core'), join(root, at(core, inside)));
  }
  expect(findDuplicateTfjs(root, [])).toEqual([]);
  expect(findTfjsPackages(root, [])).toHaveLength(2);
});

it('finds nothing where there is nothing', () => {
  expect(findTfjsPackages(root, [])).toEqual([]);
});

it.each([
  ['no JSON', '{ broken'],
  ['no object', 'null'],
  ['lists of another type', '{"name":1,"version":2,"dependencies":"tfjs","peerDependencies":null}'],
])('a package.json that is %s counts as empty', (_, text) => {
  install('', 'app', '1.0.0', [tfjs, core]);
  install(at(tfjs), tfjs, '4.22.0', [core]);
  install(at(core), core, '4.22.0');
  writeFileSync(join(root, at(tfjs), 'package.json'), text);
  expect(findTfjsPackages(root, [])).toEqual([
    { name: tfjs, version: '', directory: join(root, at(tfjs)) },
    { name: core, version: '4.22.0', directory: join(root, at(core)) },
  ]);
  writeFileSync(join(root, 'package.json'), text);
  expect(findTfjsPackages(root, [])).toEqual([]);
  expect(findDuplicateTfjs(root, [])).toEqual([]);
});

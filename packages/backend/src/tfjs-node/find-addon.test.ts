import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { findAddon } from './find-addon';

const folder = mkdtempSync(join(tmpdir(), 'addon-'));
const packageFile = join(folder, 'package.json');
writeFileSync(
  packageFile,
  JSON.stringify({
    version: '4.22.0',
    binary: {
      module_name: 'tfjs_binding',
      module_path: './lib/napi-v{napi_build_version}',
      napi_versions: [3, 7, 8],
    },
  }),
);
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  [9, 'napi-v8'],
  [8, 'napi-v8'],
  [7, 'napi-v7'],
  [5, 'napi-v3'],
])('with N-API %i the addon lies in %s', (napi, sub) => {
  expect(findAddon(packageFile, napi)).toEqual({
    packageVersion: '4.22.0',
    path: join(folder, 'lib', sub, 'tfjs_binding.node'),
  });
});

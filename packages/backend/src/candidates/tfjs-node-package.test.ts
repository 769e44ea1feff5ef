import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findAddon, resolvePackage, shimUtil } from './tfjs-node-package';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'application-')));
afterAll(() => rmSync(directory, { recursive: true }));

describe('resolvePackage', () => {
  const install = (name: string) => {
    const folder = join(directory, 'node_modules', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '0.0.1' }));
    return join(folder, 'package.json');
  };

  it("prefers the application's installation", () => {
    const packageFile = install('@tensorflow/tfjs-backend-wasm');
    expect(resolvePackage('@tensorflow/tfjs-backend-wasm', directory)?.packageFile).toBe(
      packageFile,
    );
  });

  it('falls back to the dependencies of this package', () => {
    expect(resolvePackage('fast-check', directory)?.packageFile).toContain('fast-check');
  });

  it('returns undefined for a package that is not installed', () => {
    expect(resolvePackage('@tensorflow/tfjs-none', directory)).toBeUndefined();
  });
});

describe('findAddon', () => {
  const packageFile = join(directory, 'package.json');
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

  it.each([
    [9, 'napi-v8'],
    [8, 'napi-v8'],
    [7, 'napi-v7'],
    [5, 'napi-v3'],
  ])('for Node-API %i returns a path in %s', (napi, folder) => {
    expect(findAddon(packageFile, napi)).toEqual({
      packageVersion: '4.22.0',
      path: join(directory, 'lib', folder, 'tfjs_binding.node'),
    });
  });
});

describe('shimUtil', () => {
  const original = (): boolean => false;

  it('adds both functions where they are missing', () => {
    const util: Record<string, unknown> = {};
    shimUtil(26, util);
    const isNullOrUndefined = util.isNullOrUndefined as (value: unknown) => boolean;
    expect([null, undefined, 0, ''].map(isNullOrUndefined)).toEqual([true, true, false, false]);
    expect(util.isArray).toBe(Array.isArray);
  });

  it('replaces the deprecated functions of Node 22, and keeps those of Node 20', () => {
    const deprecated: Record<string, unknown> = { isArray: original, isNullOrUndefined: original };
    shimUtil(22, deprecated);
    expect(deprecated.isNullOrUndefined).not.toBe(original);
    const supported: Record<string, unknown> = { isArray: original, isNullOrUndefined: original };
    shimUtil(20, supported);
    expect(supported).toEqual({ isArray: original, isNullOrUndefined: original });
  });
});

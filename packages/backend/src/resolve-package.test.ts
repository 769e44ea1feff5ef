import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { resolvePackage } from './resolve-package';

const application = realpathSync(mkdtempSync(join(tmpdir(), 'application-')));
const install = (name: string) => {
  const folder = join(application, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, version: '0.0.1' }));
  return join(folder, 'package.json');
};
afterAll(() => rmSync(application, { recursive: true }));

it("finds the application's own package first", () => {
  const packageFile = install('@tensorflow/tfjs-backend-wasm');
  expect(resolvePackage('@tensorflow/tfjs-backend-wasm', application)?.packageFile).toBe(
    packageFile,
  );
});

it('finds what only this package has', () => {
  expect(resolvePackage('fast-check', application)?.packageFile).toContain('fast-check');
});

it('gives undefined for what nobody has', () => {
  expect(resolvePackage('@tensorflow/tfjs-none', application)).toBeUndefined();
});

import { mkdtempSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeDirectory, makeDirectorySync, PathError, pathOf } from './paths';

const temporary = () => mkdtempSync(join(tmpdir(), 'paths-'));

describe('pathOf', () => {
  it('resolves paths and file: URLs', () => {
    expect(pathOf('runs', 'modelDir')).toBe(resolve('runs'));
    expect(pathOf('.', 'modelDir')).toBe(process.cwd());
    expect(pathOf(pathToFileURL('/tmp/a b'), 'modelDir')).toBe('/tmp/a b');
    expect(pathOf('file:///tmp/a%20b', 'modelDir')).toBe('/tmp/a b');
    expect(pathOf('c:/windows', 'modelDir')).toBe(resolve('c:/windows'));
  });

  it.each([
    ['', 'an empty string'],
    ['a\0b', '"a\\u0000b"'],
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    [{}, 'an object'],
    [['a'], 'an array'],
    ['s3://bucket/runs', '"s3://bucket/runs"'],
    [new URL('https://example.org/x'), '"https://example.org/x"'],
    ['file://host/x', '"file://host/x"'],
  ])('rejects %j', (value, actual) => {
    const call = () => pathOf(value, 'modelDir');
    expect(call).toThrow(TypeError);
    expect(call).toThrow(/^modelDir: expected a path/);
    expect(call).toThrow(actual);
  });
});

const cases = (): readonly (readonly [path: string, code: string, at: string])[] => {
  const root = temporary();
  writeFileSync(join(root, 'file'), '');
  symlinkSync(join(root, 'missing', 'target'), join(root, 'dangling'));
  symlinkSync(join(root, 'loop'), join(root, 'loop'));
  const long = join(root, 'x'.repeat(300));
  return [
    ['/proc/x', 'ENOENT', '/proc/x'],
    ['/proc/x/y/z', 'ENOENT', '/proc/x'],
    ['/sys/x', 'EPERM', '/sys/x'],
    [join(root, 'file'), 'ENOTDIR', join(root, 'file')],
    [join(root, 'file', 'a', 'b'), 'ENOTDIR', join(root, 'file')],
    [join(root, 'dangling'), 'ENOENT', join(root, 'dangling')],
    [join(root, 'dangling', 'a'), 'ENOENT', join(root, 'dangling')],
    [join(root, 'loop'), 'ELOOP', join(root, 'loop')],
    [long, 'ENAMETOOLONG', long],
  ];
};

describe.skipIf(process.platform !== 'linux')('makeDirectory', () => {
  it('makes parents, and accepts what exists', async () => {
    const root = temporary();
    await makeDirectory(join(root, 'a', 'b', 'c'));
    await makeDirectory(join(root, 'a', 'b', 'c'));
    makeDirectorySync(join(root, 'd', 'e'));
    makeDirectorySync(root);
    symlinkSync(root, join(root, 'link'));
    await makeDirectory(join(root, 'link', 'f'));
    for (const path of ['a/b/c', 'd/e', 'f'])
      expect(statSync(join(root, path)).isDirectory()).toBe(true);
  });

  it('may run at the same time', async () => {
    const path = join(temporary(), 'a', 'b', 'c');
    await Promise.all(Array.from({ length: 20 }, () => makeDirectory(path)));
    expect(statSync(path).isDirectory()).toBe(true);
  });

  it('names the path and the code of what fails, and never hangs', async () => {
    for (const [path, code, at] of cases()) {
      const [later, now] = [
        await makeDirectory(path).catch((error: unknown) => error),
        (() => {
          try {
            return makeDirectorySync(path);
          } catch (error) {
            return error;
          }
        })(),
      ];
      for (const error of [later, now]) {
        expect(error, path).toBeInstanceOf(PathError);
        if (!(error instanceof PathError)) continue;
        // What /sys answers depends on how it is mounted.
        if (!path.startsWith('/sys')) expect([error.code, error.path]).toEqual([code, at]);
        expect(error.message).toContain(`${error.path}: expected a directory`);
        expect(error.message).toContain(error.code);
      }
    }
  });

  it.each(['EACCES', 'ENOSPC', 'EROFS', 'EDQUOT'])('reports %s', async (code) => {
    const failure = Object.assign(new Error(`${code}: no`), { code });
    const missing = Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    const making = makeDirectory('/x/y', {
      stat: async (path) => {
        if (path === '/x/y') throw missing;
        return { isDirectory: () => true };
      },
      mkdir: async () => {
        throw failure;
      },
    });
    await expect(making).rejects.toMatchObject({ name: 'PathError', path: '/x/y', code });
    await expect(making).rejects.toHaveProperty('cause', failure);
  });
});

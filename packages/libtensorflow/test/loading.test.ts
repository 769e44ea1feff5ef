import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LibraryLoadError, loadLibtensorflow } from '../src';
import { Library } from '../src/c-api';
import { oracle } from './library';

const { path = '', reason } = await oracle();

describe.skipIf(reason !== undefined)('loading', () => {
  test('the same file is opened once', async () => {
    const first = await loadLibtensorflow({ path });
    expect(await loadLibtensorflow({ path })).toBe(first);
    expect(first.path).toContain('libtensorflow');
  });

  test('a missing function throws an error with its name', () => {
    const declare = () => new Library(path).declare('void TF_NoSuchFunction()');
    expect(declare).toThrow(LibraryLoadError);
    expect(declare).toThrow(/TF_NoSuchFunction/);
  });
});

test('a file that is not a library throws a named error with the cause', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'no-library-')), 'libtensorflow.so.2');
  writeFileSync(file, 'text');
  const open = () => new Library(file);
  expect(open).toThrow(LibraryLoadError);
  expect(open).toThrow(expect.objectContaining({ path: file, cause: expect.any(Error) }));
});

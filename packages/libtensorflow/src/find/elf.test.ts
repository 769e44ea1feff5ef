import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { elfFile } from '../../test/support/elf-file';
import { readElf } from './elf';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'elf-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const write = (content: Buffer | string): string => {
  const file = join(directory, 'library.so');
  writeFileSync(file, content);
  return file;
};

/** The names that binutils reads, or undefined if it is not installed. */
const readelfNeeded = (file: string): string[] | undefined => {
  try {
    const text = execFileSync('readelf', ['-d', file], { encoding: 'utf8', stdio: 'pipe' });
    return [...text.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name ?? '');
  } catch {
    return undefined;
  }
};

it.skipIf(process.platform !== 'linux')('reads the same as readelf from a real file', (context) => {
  const expected = readelfNeeded(process.execPath);
  if (expected === undefined) return context.skip('no readelf');
  const { arch, needed } = readElf(process.execPath);
  expect(needed).toEqual(expected);
  expect(needed).not.toEqual([]);
  expect(arch).toBe(process.arch);
});

it('resolves the search path relative to the file', () => {
  const runpath = `$ORIGIN/../nvidia/cudnn/lib:\${ORIGIN}/:/opt/cuda/lib:`;
  const file = write(elfFile({ needed: ['libc.so.6', 'libm.so.6'], runpath, machine: 183 }));
  expect(readElf(file)).toEqual({
    arch: 'arm64',
    needed: ['libc.so.6', 'libm.so.6'],
    searchPath: [join(directory, '../nvidia/cudnn/lib'), directory, '/opt/cuda/lib'],
  });
});

it('reads a library without needed libraries or a search path', () => {
  expect(readElf(write(elfFile()))).toMatchObject({ needed: [], searchPath: [] });
});

it('rejects a truncated file, which the loader accepts', () => {
  const complete = elfFile({ needed: ['libc.so.6'] });
  expect(() => readElf(write(complete.subarray(0, -1)))).toThrow('it is truncated');
});

it.each([
  ['text', '#!/bin/sh\n'.repeat(20)],
  ['an empty file', ''],
  ['a 32-bit library', Buffer.from(elfFile()).fill(1, 4, 5)],
])('rejects %s', (_, content) => {
  expect(() => readElf(write(content))).toThrow('not a 64-bit shared library');
});

import { mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CheckpointManager, openCheckpoint, PathError, writeCheckpoint } from '../index';
import { fileSystemBackend } from './file-system';
import { nodeFileSystem } from './file-system-operations';

const temporary = () => mkdtempSync(join(tmpdir(), 'checkpoint-'));

const tensors = [{ name: 'w', dtype: 'float32' as const, shape: [1], data: Float32Array.of(1) }];

const fileIn = (directory: string, name = 'file') => {
  writeFileSync(join(directory, name), '');
  return join(directory, name);
};

const linkIn = (directory: string) => {
  symlinkSync(join(directory, 'missing'), join(directory, 'dangling'));
  return join(directory, 'dangling');
};

/** Directories that can't be written, and what the system says. */
const unusable = (): readonly (readonly [directory: string, code: string])[] => [
  ['/proc/x', 'ENOENT'],
  ['/proc/x/y', 'ENOENT'],
  [fileIn(temporary()), 'ENOTDIR'],
  [join(fileIn(temporary()), 'below'), 'ENOTDIR'],
  [linkIn(temporary()), 'ENOENT'],
  [join(temporary(), 'x'.repeat(300)), 'ENAMETOOLONG'],
];

describe.skipIf(process.platform !== 'linux')('a directory that cannot be written', () => {
  it('is a PathError with path and code, and never hangs', async () => {
    for (const [directory, code] of unusable()) {
      const manager = new CheckpointManager({ directory });
      const attempts = [
        () => manager.acquire(),
        () => manager.save({ globalStep: 1, tensors }),
        () => writeCheckpoint(join(directory, 'model'), tensors),
        () => fileSystemBackend(directory).write('a', new Uint8Array()),
      ];
      for (const attempt of attempts) {
        const error: unknown = await attempt().then(
          () => 'written',
          (thrown: unknown) => thrown,
        );
        expect(error, directory).toBeInstanceOf(PathError);
        expect(error, directory).toMatchObject({ code, message: expect.stringContaining(code) });
        expect(error instanceof PathError && directory.startsWith(error.path)).toBe(true);
      }
    }
  });

  it('is empty to readers if it does not exist, and else an error', async () => {
    for (const [directory, code] of unusable()) {
      const list = await fileSystemBackend(directory)
        .list()
        .catch((thrown: unknown) => thrown);
      if (code === 'ENOENT') expect(list).toEqual([]);
      else expect(list).toMatchObject({ name: 'PathError', code, path: directory });
    }
  });

  it.each(['EACCES', 'ENOSPC', 'EROFS', 'EIO'])('reports %s of every operation', async (code) => {
    const directory = temporary();
    await fileSystemBackend(directory).write('a', new Uint8Array(3));
    const fail = async (): Promise<never> => {
      throw Object.assign(new Error(`${code}: it said`), { code });
    };
    const fs = { ...nodeFileSystem, open: fail, readdir: fail, unlink: fail, link: fail };
    const backend = fileSystemBackend(directory, { fs });
    const path = join(directory, 'a');
    const errors: readonly (readonly [() => Promise<unknown> | undefined, string])[] = [
      [() => backend.write('a', new Uint8Array(1)), path],
      [() => backend.read('a'), path],
      [() => backend.delete('a'), path],
      [() => backend.list(), directory],
      [() => backend.lock?.(), directory],
    ];
    for (const [attempt, at] of errors)
      await expect(attempt()).rejects.toMatchObject({ name: 'PathError', code, path: at });
    expect(readdirSync(directory)).toEqual(['a']);
  });

  it('reports a full device', async () => {
    // Writing to it fails with the real error of the system.
    const directory = temporary();
    const fs = {
      ...nodeFileSystem,
      open: (...[path, flags, mode]: Parameters<typeof nodeFileSystem.open>) =>
        nodeFileSystem.open(
          flags === 'wx' ? '/dev/full' : path,
          flags === 'wx' ? 'w' : flags,
          mode,
        ),
    };
    const manager = new CheckpointManager({ backend: fileSystemBackend(directory, { fs }) });
    await expect(manager.save({ globalStep: 1, tensors })).rejects.toMatchObject({
      name: 'PathError',
      code: 'ENOSPC',
      message: expect.stringContaining('no space left on the device'),
    });
  });
});

describe('paths', () => {
  it('may be file: URLs', async () => {
    const directory = temporary();
    const url = pathToFileURL(join(directory, 'a b'));
    const manager = new CheckpointManager({ directory: url });
    const prefix = await manager.save({ globalStep: 1, tensors });
    expect(prefix).toBe(join(directory, 'a b', 'model_iter-1'));
    await manager.close();
    expect((await openCheckpoint(pathToFileURL(prefix))).file).toBe(prefix);
    expect((await openCheckpoint(pathToFileURL(prefix).href)).file).toBe(prefix);
    expect(await manager.read(pathToFileURL(prefix))).toHaveLength(1);
    const other = pathToFileURL(join(directory, 'other'));
    expect(await writeCheckpoint(other, tensors)).toBe(join(directory, 'other'));
    expect(fileSystemBackend(pathToFileURL(directory).href).resolve('a')).toBe(
      join(directory, 'a'),
    );
  });

  it.each([
    ['an empty string', '', 'an empty string'],
    ['null', null, 'null'],
    ['a number', 5, '5'],
    ['a NUL', 'a\0b', 'NUL'],
    ['another URL', 's3://bucket/runs', 's3://bucket/runs'],
    ['an array', ['a'], 'an array'],
  ])('that are %s are rejected by name', async (_, value, actual) => {
    const path = value as string;
    const rejection = expect.objectContaining({
      name: expect.stringMatching(
        /^(ArgumentError|InvalidBlobNameError|InvalidCheckpointOptionError)$/,
      ),
    });
    expect(() => fileSystemBackend(path)).toThrow(rejection);
    expect(() => new CheckpointManager({ directory: path })).toThrow(rejection);
    await expect(openCheckpoint(path)).rejects.toEqual(rejection);
    await expect(writeCheckpoint(path, tensors)).rejects.toEqual(rejection);
    if (actual !== 'NUL') expect(() => fileSystemBackend(path)).toThrow(actual);
  });

  it('left out are rejected by name', async () => {
    const missing = undefined as unknown as string;
    expect(() => fileSystemBackend(missing)).toThrow('fileSystemBackend()');
    await expect(openCheckpoint(missing)).rejects.toThrow('openCheckpoint()');
    await expect(writeCheckpoint(missing, tensors)).rejects.toThrow('writeCheckpoint()');
  });
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkpointBackendConformance } from '../conformance';
import { fileSystemBackend } from './file-system';
import { temporaryName } from './file-system-operations';

const temporary = () => mkdtempSync(join(tmpdir(), 'checkpoint-'));

checkpointBackendConformance('fileSystemBackend', {
  describe,
  it,
  create: () => fileSystemBackend(join(temporary(), 'made', 'when needed')),
});

describe('fileSystemBackend', () => {
  it('treats a missing directory as empty', async () => {
    const directory = join(temporary(), 'none');
    const backend = fileSystemBackend(directory);
    expect(await backend.list()).toEqual([]);
    await backend.delete('a');
    await backend.clean?.({ exclusive: true });
    expect(() => readdirSync(directory)).toThrow('ENOENT');
  });

  it('leaves no files other than the blob', async () => {
    const directory = temporary();
    await fileSystemBackend(directory).write('a', Buffer.from('text'));
    expect(readdirSync(directory)).toEqual(['a']);
  });

  it('does not list directories, temporary files and locks, and is not blocked by pipes', async () => {
    const directory = temporary();
    const backend = fileSystemBackend(directory);
    await backend.write('a', Buffer.from('text'));
    mkdirSync(join(directory, 'b.index'));
    writeFileSync(join(directory, temporaryName()), 'half');
    const lock = await backend.lock?.();
    execFileSync('sh', ['-c', 'mkfifo "$0"', join(directory, 'pipe.index')]);
    symlinkSync(join(directory, 'a'), join(directory, 'linked'));
    expect(await backend.list()).toEqual(['a', 'linked']);
    await expect(backend.read('pipe.index')).rejects.toThrow('expected a blob, got none');
    await expect(backend.read('b.index')).rejects.toThrow();
    expect(await backend.size('b.index')).toBeUndefined();
    await lock?.release();
  });

  it('deletes temporary files of ended processes, and all of them once it is locked', async () => {
    const directory = temporary();
    const backend = fileSystemBackend(directory);
    const dead = `.tempstate-${Buffer.from(hostname()).toString('hex').slice(0, 32)}-999999999--ab`;
    const foreign = '.tempstate-abcdef-1--ab';
    const live = temporaryName();
    for (const name of [dead, foreign, live]) writeFileSync(join(directory, name), 'half');
    await backend.clean?.({ exclusive: false });
    expect(readdirSync(directory).sort()).toEqual([foreign, live].sort());
    await backend.clean?.({ exclusive: true });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('rejects its reserved names', async () => {
    const backend = fileSystemBackend(temporary());
    await expect(backend.write('.elistimator.lock', new Uint8Array())).rejects.toThrow(
      'a name that the backend reserves',
    );
    await expect(backend.delete('.elistimator.lock')).rejects.toThrow(
      'a name that the backend reserves',
    );
  });
});

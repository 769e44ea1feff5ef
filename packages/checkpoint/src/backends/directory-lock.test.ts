import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultyFileSystem } from '../../test/faulty-file-system';
import { CheckpointManager } from '../manager/checkpoint-manager';
import { LOCK_NAME, lockDirectory } from './directory-lock';
import { nodeFileSystem } from './file-system-operations';

const temporary = () => mkdtempSync(join(tmpdir(), 'checkpoint-'));

const lock = (directory: string) => lockDirectory(directory, nodeFileSystem);

const writeLock = (directory: string, holder: unknown) =>
  writeFileSync(
    join(directory, LOCK_NAME),
    typeof holder === 'string' ? holder : JSON.stringify(holder),
  );

describe('lockDirectory', () => {
  it('creates a file that names its holder, and removes it on release', async () => {
    const directory = temporary();
    const release = await lock(directory);
    const holder = JSON.parse(readFileSync(join(directory, LOCK_NAME), 'utf8'));
    expect(holder).toMatchObject({ pid: process.pid, host: hostname() });
    await release();
    await release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('rejects a second writer with an error that names the first one', async () => {
    const directory = temporary();
    const child = spawn('sleep', ['60']);
    writeLock(directory, { pid: child.pid, host: hostname() });
    const error = await lock(directory).catch((caught) => caught);
    child.kill();
    expect(error).toMatchObject({
      name: 'DirectoryLockedError',
      directory,
      pid: child.pid,
      host: hostname(),
    });
    expect(error.message).toContain(`process ${child.pid} on host ${hostname()}`);
  });

  it('takes over from a process that has ended, also if its id is in use again', async () => {
    const directory = temporary();
    writeLock(directory, { pid: 999_999_999, host: hostname() });
    await (await lock(directory))();
    writeLock(directory, { pid: process.pid, host: hostname(), started: '1' });
    await (await lock(directory))();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('never creates a file without the holder’s name', async () => {
    for (let at = 0; ; at++) {
      const directory = temporary();
      const faulty = faultyFileSystem({ kind: 'stop' }, at);
      const taken = lockDirectory(directory, faulty.fs).then(() => 'taken');
      const outcome = await Promise.race([taken, faulty.stopped.then(() => 'cut off')]);
      await faulty.release();
      if (readdirSync(directory).includes(LOCK_NAME)) {
        const holder = JSON.parse(readFileSync(join(directory, LOCK_NAME), 'utf8'));
        expect(holder).toMatchObject({ pid: process.pid, host: hostname() });
        await expect(lock(directory)).rejects.toMatchObject({ pid: process.pid });
      } else {
        expect(outcome).toBe('cut off');
        await (await lock(directory))();
      }
      if (outcome === 'taken') {
        expect(at).toBeGreaterThan(3);
        break;
      }
    }
  });

  it('leaves no file when taking the lock fails, so that it can be taken again', async () => {
    for (const code of ['ENOSPC', 'EIO'] as const) {
      for (let at = 0; at < 3; at++) {
        const directory = temporary();
        const { fs } = faultyFileSystem({ kind: 'error', code }, at);
        await expect(lockDirectory(directory, fs)).rejects.toThrow(code);
        expect(readdirSync(directory)).toEqual([]);
        await (await lock(directory))();
      }
    }
  });

  describe('on a file system without hard links', () => {
    const fs = {
      ...nodeFileSystem,
      link: () => Promise.reject(Object.assign(new Error('no links'), { code: 'EPERM' })),
    };

    it('still has one holder', async () => {
      const directory = temporary();
      const release = await lockDirectory(directory, fs);
      await expect(lockDirectory(directory, fs)).rejects.toMatchObject({ pid: process.pid });
      await release();
      expect(readdirSync(directory)).toEqual([]);
    });
  });

  it('ignores an empty lock file, which a killed holder leaves on a file system without hard links', async () => {
    const directory = temporary();
    writeLock(directory, '');
    await (await lock(directory))();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('respects a lock from another host', async () => {
    const directory = temporary();
    writeLock(directory, { pid: 1, host: 'elsewhere' });
    await expect(lock(directory)).rejects.toThrow('process 1 on host elsewhere');
  });

  it('has one holder when many find it stale at the same time', async () => {
    for (let round = 0; round < 20; round++) {
      const directory = temporary();
      writeLock(directory, { pid: 999_999_999, host: hostname() });
      const results = await Promise.allSettled(Array.from({ length: 10 }, () => lock(directory)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(readdirSync(directory)).toEqual([LOCK_NAME]);
    }
  });

  it('is taken over if a process was killed while taking it over', async () => {
    const directory = temporary();
    const gone = JSON.stringify({ pid: 999_999_999, host: hostname() });
    const claim = createHash('sha256').update(gone).digest('hex').slice(0, 12);
    writeLock(directory, gone);
    writeFileSync(join(directory, `${LOCK_NAME}-${claim}`), gone);
    await (await lock(directory))();
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('managers on one directory', () => {
  const tensors = [{ name: 'w', dtype: 'bool', shape: [1], data: Uint8Array.of(1) }] as const;

  const opened = async (directory: string) => {
    const manager = new CheckpointManager({ directory, maxToKeep: 3 });
    await manager.open();
    return manager;
  };

  it('can read but not write while another process writes', async () => {
    const directory = temporary();
    const first = await opened(directory);
    await first.save({ globalStep: 1, tensors });
    await first.close();
    const child = spawn('sleep', ['60']);
    writeLock(directory, { pid: child.pid, host: hostname() });
    const second = await opened(directory);
    expect(await second.read('model_iter-1')).toHaveLength(1);
    const expectedError = { name: 'DirectoryLockedError', pid: child.pid };
    await expect(second.save({ globalStep: 2, tensors })).rejects.toMatchObject(expectedError);
    await expect(second.recordMetrics(1, { loss: 1 })).rejects.toMatchObject(expectedError);
    child.kill();
    await new Promise((resolve) => child.on('exit', resolve));
    await second.save({ globalStep: 2, tensors });
    expect([...second.checkpoints.keys()]).toEqual([1, 2]);
    await second.close();
    expect(readdirSync(directory)).not.toContain(LOCK_NAME);
  });

  it('write in turn within one process, and see what the others saved', async () => {
    const directory = temporary();
    const managers = await Promise.all([opened(directory), opened(directory), opened(directory)]);
    const saves = [1, 2, 3, 4, 5, 6].map((globalStep) =>
      managers[globalStep % 3]?.save({ globalStep, tensors, metrics: { loss: globalStep } }),
    );
    await Promise.all(saves);
    const last = await opened(directory);
    expect(last.checkpoints.size).toBe(3);
    expect(last.best()?.metrics).toEqual({ loss: 1 });
    for (const { file } of last.checkpoints.values()) expect(await last.read(file)).toHaveLength(1);
    for (const manager of managers) {
      expect(readdirSync(directory)).toContain(LOCK_NAME);
      await manager.close();
    }
    expect(readdirSync(directory)).not.toContain(LOCK_NAME);
  });

  it('can take the lock before they write, so that others are rejected at once', async () => {
    const directory = temporary();
    const first = await opened(directory);
    await first.acquire();
    await first.acquire();
    expect(readdirSync(directory)).toEqual([LOCK_NAME]);
    await expect(lock(directory)).rejects.toMatchObject({ pid: process.pid });
    await first.save({ globalStep: 1, tensors });
    // A failed save does not release it.
    await expect(first.save({ globalStep: 2, tensors: [...tensors, ...tensors] })).rejects.toThrow(
      'Names must be unique',
    );
    expect(readdirSync(directory)).toContain(LOCK_NAME);
    await first.close();
    expect(readdirSync(directory)).not.toContain(LOCK_NAME);
    writeLock(directory, { pid: 1, host: 'elsewhere' });
    const second = await opened(directory);
    await expect(second.acquire()).rejects.toMatchObject({ name: 'DirectoryLockedError', pid: 1 });
    expect(second.checkpoints.size).toBe(1);
  });

  it('do not keep a directory locked that they cannot read', async () => {
    const directory = temporary();
    writeFileSync(
      join(directory, 'elistimator_meta'),
      '{"format":"elistimator-checkpoints","version":99}',
    );
    const manager = new CheckpointManager({ directory });
    await expect(manager.save({ globalStep: 1, tensors })).rejects.toThrow('elistimator_meta');
    expect(readdirSync(directory)).toEqual(['elistimator_meta']);
  });
});

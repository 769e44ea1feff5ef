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

const heldBy = (directory: string, holder: unknown) =>
  writeFileSync(
    join(directory, LOCK_NAME),
    typeof holder === 'string' ? holder : JSON.stringify(holder),
  );

describe('lockDirectory', () => {
  it('names its holder and is gone once released', async () => {
    const directory = temporary();
    const release = await lock(directory);
    const holder = JSON.parse(readFileSync(join(directory, LOCK_NAME), 'utf8'));
    expect(holder).toMatchObject({ pid: process.pid, host: hostname() });
    await release();
    await release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('refuses a second writer and says who the first one is', async () => {
    const directory = temporary();
    const child = spawn('sleep', ['60']);
    heldBy(directory, { pid: child.pid, host: hostname() });
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

  it('takes over from a process that is gone, also when its id is in use again', async () => {
    const directory = temporary();
    heldBy(directory, { pid: 999_999_999, host: hostname() });
    await (await lock(directory))();
    heldBy(directory, { pid: process.pid, host: hostname(), started: '1' });
    await (await lock(directory))();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('has its holder’s name from the moment it is there', async () => {
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

  it('is not made when its making fails, and the next one gets it', async () => {
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

    it('is made all the same, for one', async () => {
      const directory = temporary();
      const release = await lockDirectory(directory, fs);
      await expect(lockDirectory(directory, fs)).rejects.toMatchObject({ pid: process.pid });
      await release();
      expect(readdirSync(directory)).toEqual([]);
    });
  });

  it('counts as none when it has no name, as where there are no hard links its killed holder leaves it', async () => {
    const directory = temporary();
    heldBy(directory, '');
    await (await lock(directory))();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('respects a lock of another host, which it cannot check', async () => {
    const directory = temporary();
    heldBy(directory, { pid: 1, host: 'elsewhere' });
    await expect(lock(directory)).rejects.toThrow('process 1 on host elsewhere');
  });

  it('is given to one of many who find it stale at once', async () => {
    for (let round = 0; round < 20; round++) {
      const directory = temporary();
      heldBy(directory, { pid: 999_999_999, host: hostname() });
      const results = await Promise.allSettled(Array.from({ length: 10 }, () => lock(directory)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(readdirSync(directory)).toEqual([LOCK_NAME]);
    }
  });

  it('is taken over when one who was taking it over was killed', async () => {
    const directory = temporary();
    const gone = JSON.stringify({ pid: 999_999_999, host: hostname() });
    const claim = createHash('sha256').update(gone).digest('hex').slice(0, 12);
    heldBy(directory, gone);
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

  it('may read while another process writes, but not write', async () => {
    const directory = temporary();
    const first = await opened(directory);
    await first.save({ globalStep: 1, tensors });
    await first.close();
    const child = spawn('sleep', ['60']);
    heldBy(directory, { pid: child.pid, host: hostname() });
    const second = await opened(directory);
    expect(await second.read('model_iter-1')).toHaveLength(1);
    const refused = { name: 'DirectoryLockedError', pid: child.pid };
    await expect(second.save({ globalStep: 2, tensors })).rejects.toMatchObject(refused);
    await expect(second.recordMetrics(1, { loss: 1 })).rejects.toMatchObject(refused);
    child.kill();
    await new Promise((resolve) => child.on('exit', resolve));
    await second.save({ globalStep: 2, tensors });
    expect([...second.checkpoints.keys()]).toEqual([1, 2]);
    await second.close();
    expect(readdirSync(directory)).not.toContain(LOCK_NAME);
  });

  it('may write in turn within one process, each seeing what the others did', async () => {
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

  it('may take it before they write, so that others are refused at once', async () => {
    const directory = temporary();
    const first = await opened(directory);
    await first.acquire();
    await first.acquire();
    expect(readdirSync(directory)).toEqual([LOCK_NAME]);
    await expect(lock(directory)).rejects.toMatchObject({ pid: process.pid });
    await first.save({ globalStep: 1, tensors });
    // A save that fails does not give it up.
    await expect(first.save({ globalStep: 2, tensors: [...tensors, ...tensors] })).rejects.toThrow(
      'Names must be unique',
    );
    expect(readdirSync(directory)).toContain(LOCK_NAME);
    await first.close();
    expect(readdirSync(directory)).not.toContain(LOCK_NAME);
    heldBy(directory, { pid: 1, host: 'elsewhere' });
    const second = await opened(directory);
    await expect(second.acquire()).rejects.toMatchObject({ name: 'DirectoryLockedError', pid: 1 });
    expect(second.checkpoints.size).toBe(1);
  });

  it('that cannot make sense of a directory do not keep it locked', async () => {
    const directory = temporary();
    writeFileSync(join(directory, 'elistimator_meta'), '{');
    const manager = new CheckpointManager({ directory });
    await expect(manager.save({ globalStep: 1, tensors })).rejects.toThrow('elistimator_meta');
    expect(readdirSync(directory)).toEqual(['elistimator_meta']);
  });
});

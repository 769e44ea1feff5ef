import { hostname } from 'node:os';
import { beforeEach, describe, expect, it } from 'vitest';
import { clientOf } from '../../test/s3-client';
import { s3Proxy } from '../../test/s3-proxy';
import { BUCKET, s3Server } from '../../test/s3-server';
import { LOCK_NAME } from '../backends/directory-lock';
import { CheckpointManager } from '../manager/checkpoint-manager';
import { s3Backend } from './s3-backend';
import { createHolder } from './s3-lock';
import { S3Objects } from './s3-objects';

const LEASE_MS = 60_000;

const server = s3Server();
const proxy = s3Proxy(server);

let folders = 0;
const fresh = () => `folder-${folders++}`;

/** A backend as in another process: with a separate client, and therefore a separate lock. */
const other = (prefix: string, options: { readonly now?: () => number } = {}) => {
  const client = clientOf(proxy.port);
  const backend = s3Backend({ client, bucket: BUCKET, prefix, leaseMs: LEASE_MS, ...options });
  const lock = async () => {
    const taken = await backend.lock?.();
    if (taken === undefined) throw new Error('a lock was expected');
    return taken;
  };
  return { backend, lock, objects: new S3Objects(client, BUCKET, `${prefix}/`) };
};

const conditions = () =>
  proxy.seen
    .filter(({ method, url }) => method === 'PUT' && url.includes(LOCK_NAME))
    .map(({ headers, status }) => {
      const asked = headers['if-none-match'] ?? (headers['if-match'] && 'the one read');
      return `${asked}: ${status}`;
    });

const held = (prefix: string, holder: object) =>
  other(prefix).objects.put(LOCK_NAME, Buffer.from(JSON.stringify(holder)));

const refusal = { name: 'DirectoryLockedError', pid: process.pid, host: hostname() };

beforeEach(() => {
  proxy.conditional = true;
  proxy.later = 0;
  proxy.seen.length = 0;
  proxy.breaks = () => undefined;
});

describe('S3Lock', () => {
  it('rejects a second writer with an error that names the first one, but lets it read', async () => {
    const prefix = fresh();
    const [first, second] = [other(prefix), other(prefix)];
    const lock = await first.lock();
    await lock.run(() => first.backend.write('a', Uint8Array.of(1)));
    const error = await second.lock().catch((caught) => caught);
    expect(error).toMatchObject(refusal);
    expect(error.message).toContain(`s3://${BUCKET}/${prefix}/${LOCK_NAME}`);
    expect(await second.backend.read('a')).toEqual(Uint8Array.of(1));
    await lock.release();
    await (await second.lock()).release();
    expect(conditions()).toEqual(['*: 200', '*: 200']);
    expect(await first.objects.size(LOCK_NAME)).toBeUndefined();
  });

  it.each([true, false])(
    'has one holder when many try to take it at the same time (with a stale lock: %s)',
    async (left) => {
      const prefix = fresh();
      if (left) await held(prefix, { ...createHolder(), pid: 999_999_999 });
      const outcomes = await Promise.allSettled(
        Array.from({ length: 8 }, () => other(prefix).lock()),
      );
      const holders = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      expect(holders).toHaveLength(1);
      expect(conditions().some((one) => one.endsWith('412'))).toBe(true);
      await holders[0]?.release();
    },
  );

  it('keeps writers apart that start at different times if the store ignores conditions', async () => {
    proxy.conditional = false;
    const prefix = fresh();
    const lock = await other(prefix).lock();
    await expect(other(prefix).lock()).rejects.toMatchObject(refusal);
    await lock.release();
  });

  it('takes over at once only from a process on this machine that has ended', async () => {
    const gone = { ...createHolder(), pid: 999_999_999 };
    const [here, elsewhere, untold] = [fresh(), fresh(), fresh()];
    await held(here, gone);
    await (await other(here).lock()).release();
    await held(elsewhere, { ...gone, boot: 'another machine of this name' });
    await expect(other(elsewhere).lock()).rejects.toMatchObject({ pid: 999_999_999 });
    await held(untold, { ...gone, boot: undefined });
    await expect(other(untold).lock()).rejects.toMatchObject({ pid: 999_999_999 });
    // An object with other contents is taken over once it is old.
    const strange = fresh();
    await held(strange, ['no holder']);
    await expect(other(strange).lock()).rejects.toThrow('host unknown');
    proxy.later = LEASE_MS + 2000;
    for (const prefix of [elsewhere, untold, strange]) await (await other(prefix).lock()).release();
  });

  it('rejects writes of a holder that lost the lock because it did not renew it', async () => {
    const prefix = fresh();
    const clock = { now: 0 };
    const [slow, quick] = [other(prefix, { now: () => clock.now }), other(prefix)];
    const lost = await slow.lock();
    proxy.later = LEASE_MS + 2000;
    const taken = await quick.lock();
    proxy.later = 0;
    expect(conditions().at(-1)).toBe('the one read: 200');
    await slow.backend.write('early', Uint8Array.of(1));
    clock.now = LEASE_MS;
    const write = () => slow.backend.write('late', Uint8Array.of(1));
    await expect(write()).rejects.toMatchObject(refusal);
    await expect(slow.backend.delete('early')).rejects.toMatchObject(refusal);
    await expect(lost.run(write)).rejects.toMatchObject(refusal);
    await lost.release();
    expect(await slow.objects.size(LOCK_NAME)).toBeGreaterThan(0);
    expect(await quick.backend.list()).toEqual(['early']);
    await taken.release();
  });

  it('stays with a holder that did not renew it if nobody took it', async () => {
    const clock = { now: 0 };
    const { lock, backend } = other(fresh(), { now: () => clock.now });
    const taken = await lock();
    clock.now = 100 * LEASE_MS;
    await taken.run(() => backend.write('a', Uint8Array.of(1)));
    expect(conditions()).toEqual(['*: 200', 'the one read: 200']);
    await taken.release();
  });

  it('is not taken over if it is renewed at the last moment', async () => {
    const prefix = fresh();
    const clock = { now: 0 };
    const { lock, backend } = other(prefix, { now: () => clock.now });
    const taken = await lock();
    const { objects } = other(prefix);
    const found = await objects.get(LOCK_NAME);
    clock.now = LEASE_MS;
    await backend.write('a', Uint8Array.of(1));
    const etag = found?.etag ?? '';
    expect(await objects.put(LOCK_NAME, Buffer.from('{}'), { etag })).toBe(false);
    await taken.release();
  });

  it('is held also if the response to the write was lost', async () => {
    const clock = { now: 0 };
    const { lock, backend } = other(fresh(), { now: () => clock.now });
    let losses = 1;
    proxy.breaks = (method) => (method === 'PUT' && losses-- > 0 ? 'before the answer' : undefined);
    const taken = await lock();
    clock.now = LEASE_MS;
    losses = 1;
    await taken.run(() => backend.write('a', Uint8Array.of(1)));
    await taken.release();
    // The second write is repeated without the quotes of its ETag.
    expect(conditions().filter((one) => one.endsWith('412'))).toHaveLength(3);
  });
});

describe('CheckpointManager on S3', () => {
  it('can write again after it lost the lock and the other writer closed, and sees what that one saved', async () => {
    const prefix = fresh();
    const clock = { now: 0 };
    const managers = [other(prefix, { now: () => clock.now }), other(prefix)].map(
      ({ backend }) => new CheckpointManager({ backend, maxToKeep: 2 }),
    );
    const [slow, quick] = managers;
    for (const manager of managers) await manager.open();
    const save = (manager: CheckpointManager | undefined, globalStep: number) =>
      manager?.save({
        globalStep,
        tensors: [{ name: 'w', dtype: 'float32', shape: [], data: Float32Array.of(globalStep) }],
      });
    await save(slow, 1);
    await expect(save(quick, 2)).rejects.toMatchObject(refusal);
    proxy.later = LEASE_MS + 2000;
    await save(quick, 2);
    proxy.later = 0;
    clock.now = LEASE_MS;
    await expect(save(slow, 3)).rejects.toMatchObject(refusal);
    await quick?.close();
    expect(await save(slow, 3)).toBe(`s3://${BUCKET}/${prefix}/model_iter-3`);
    expect([...(slow?.checkpoints.keys() ?? [])]).toEqual([2, 3]);
    const [tensor] = (await slow?.read(slow.latest()?.file ?? '')) ?? [];
    expect(tensor?.data).toEqual(Float32Array.of(3));
    await slow?.close();
  });
});

import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { s3Oracle, startS3 } from '@elistimator/tooling/s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCK_NAME } from '../src/backends/directory-lock';
import { checkpointBackendConformance } from '../src/conformance';
import { CheckpointManager } from '../src/index';
import { s3Backend } from '../src/s3/s3-backend';
import { createHolder } from '../src/s3/s3-lock';
import { S3Objects } from '../src/s3/s3-objects';
import { clientOf } from './s3-client';
import { BUCKET } from './s3-server';

const { root, reason } = await s3Oracle();

let folders = 0;
const fresh = () => `folder-${folders++}`;

describe.skipIf(root === undefined)(`Ceph's gateway ${reason ?? ''}`, () => {
  const store = { port: 0, stop: async () => {} };
  beforeAll(async () => {
    const keys = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
    Object.assign(store, await startS3(root ?? '', keys));
    await clientOf(store.port).send(new CreateBucketCommand({ Bucket: BUCKET }));
  });
  afterAll(() => store.stop());

  /** A backend as in another process: with a separate client, and therefore a separate lock. */
  const backendAt = (prefix: string) =>
    s3Backend({ client: clientOf(store.port), bucket: BUCKET, prefix });
  const objectsAt = (prefix: string) => new S3Objects(clientOf(store.port), BUCKET, `${prefix}/`);

  checkpointBackendConformance('s3Backend on Ceph', {
    describe,
    it,
    create: () => backendAt(fresh()),
  });

  it('supports conditional writes like S3', async () => {
    const objects = objectsAt(fresh());
    expect(await objects.put('a', Buffer.from('1'), { etag: '"none"' })).toBe(false);
    expect(await objects.put('a', Buffer.from('1'), 'absent')).toBe(true);
    expect(await objects.put('a', Buffer.from('2'), 'absent')).toBe(false);
    const { etag = '' } = (await objects.get('a')) ?? {};
    expect(await objects.put('a', Buffer.from('3'), { etag })).toBe(true);
    expect(await objects.put('a', Buffer.from('4'), { etag })).toBe(false);
    expect(Buffer.from((await objects.get('a'))?.bytes ?? []).toString()).toBe('3');
    const refused = new PutObjectCommand({ ...objects.at('a'), Body: 'x', IfNoneMatch: '*' });
    await expect(objects.client.send(refused)).rejects.toMatchObject({
      $metadata: { httpStatusCode: 412 },
    });
  });

  it.each([true, false])(
    'lets one of many take the lock at the same time (with a stale lock: %s)',
    async (left) => {
      for (let round = 0; round < 5; round++) {
        const prefix = fresh();
        const gone = JSON.stringify({ ...createHolder(), pid: 999_999_999 });
        if (left) await objectsAt(prefix).put(LOCK_NAME, Buffer.from(gone));
        const outcomes = await Promise.allSettled(
          Array.from({ length: 8 }, () => backendAt(prefix).lock?.()),
        );
        const [holder, ...others] = outcomes.flatMap((one) =>
          one.status === 'fulfilled' ? [one.value] : [],
        );
        expect(others).toEqual([]);
        for (const one of outcomes) {
          if (one.status === 'rejected')
            expect(one.reason).toMatchObject({ name: 'DirectoryLockedError', pid: process.pid });
        }
        await holder?.release();
        expect(holder).toBeDefined();
      }
    },
  );

  it('stores the checkpoints of a run, a large one in parts', async () => {
    const backend = backendAt(fresh());
    const manager = new CheckpointManager({ backend, maxToKeep: 2 });
    await manager.acquire();
    const data = new Float32Array(5 * 2 ** 20).fill(3);
    for (const globalStep of [1, 2, 3, 3]) {
      await manager.save({
        globalStep,
        tensors: [{ name: 'w', dtype: 'float32', shape: [data.length], data }],
        attachments: { '.meta': Buffer.from(`graph ${globalStep}`) },
      });
    }
    await manager.close();
    const again = new CheckpointManager({ backend });
    await again.open();
    expect([...again.checkpoints.keys()]).toEqual([2, 3]);
    const [tensor] = await again.read('model_iter-3');
    const bytes = tensor && 'buffer' in tensor.data ? Buffer.from(tensor.data.buffer) : Buffer.of();
    expect(bytes.equals(Buffer.from(data.buffer))).toBe(true);
    expect(Buffer.from((await again.readAttachment(3, '.meta')) ?? []).toString()).toBe('graph 3');
    expect(await backend.list('model_iter-1')).toEqual([]);
  });
});

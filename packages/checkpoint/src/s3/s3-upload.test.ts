import { beforeEach, describe, expect, it } from 'vitest';
import { clientOf } from '../../test/s3-client';
import { s3Proxy } from '../../test/s3-proxy';
import { BUCKET, s3Server } from '../../test/s3-server';
import { s3Backend } from './s3-backend';

const PART = 5 * 2 ** 20;

const server = s3Server();
const proxy = s3Proxy(server);

let folders = 0;

const backendOf = (prefix: string) =>
  s3Backend({ client: clientOf(proxy.port), bucket: BUCKET, prefix, partSize: PART });

const fresh = () => {
  const prefix = `folder-${folders++}`;
  return { prefix, backend: backendOf(prefix) };
};

const bytes = (length: number, seed = 1) =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) + seed) & 0xff);

const large = bytes(2 * PART + 12_345);

const sameBytes = (left: Uint8Array, right: Uint8Array) => Buffer.compare(left, right) === 0;

/** The requests, without names and ids. */
const asked = () =>
  proxy.seen.map(({ method, url }) => {
    const { searchParams } = new URL(url, 'http://s3');
    if (searchParams.has('uploads')) return `${method} uploads`;
    if (searchParams.has('partNumber')) return `part ${searchParams.get('partNumber')}`;
    return searchParams.has('uploadId') ? `${method} upload` : method;
  });

beforeEach(() => {
  proxy.seen.length = 0;
  proxy.breaks = () => undefined;
});

describe('a blob in S3', () => {
  it('is written in one request up to the size of a part, and in parts if longer', async () => {
    const { backend } = fresh();
    await backend.write('a', large.subarray(0, PART));
    expect(asked()).toEqual(['PUT']);
    proxy.seen.length = 0;
    await backend.write('a', large);
    expect(asked().sort()).toEqual(['POST upload', 'POST uploads', 'part 1', 'part 2', 'part 3']);
    expect(sameBytes(await backend.read('a'), large)).toBe(true);
    const range = await backend.read('a', { offset: PART - 5, length: 10 });
    expect(sameBytes(range, large.subarray(PART - 5, PART + 5))).toBe(true);
  });

  it('is uploaded in equal parts, concurrently, from parts of any length', async () => {
    const { backend } = fresh();
    const source = async function* () {
      for (let at = 0; at < 7 * PART; at += 1_000_003)
        yield new Uint8Array(Math.min(1_000_003, 7 * PART - at)).fill(at & 0xff);
    };
    await backend.write('a', source());
    const lengths = proxy.seen
      .filter(({ url }) => url.includes('partNumber'))
      .map(({ headers }) => headers['x-amz-decoded-content-length'] ?? headers['content-length']);
    expect(lengths.map(Number)).toEqual(new Array(7).fill(PART));
    const parts: Uint8Array[] = [];
    for await (const part of source()) parts.push(part);
    expect(sameBytes(await backend.read('a'), Buffer.concat(parts))).toBe(true);
  });

  it('does not exist after its source failed half-way, and the upload is aborted', async () => {
    const { backend } = fresh();
    const failure = new Error('the source failed');
    const failing = async function* () {
      yield large;
      throw failure;
    };
    await expect(backend.write('a', failing())).rejects.toBe(failure);
    expect(asked()).toContain('DELETE upload');
    expect(await backend.list()).toEqual([]);
  });

  it.each([
    { where: 'in the request', data: bytes(500_000), name: 'one request', left: 0 },
    { where: 'in the request', data: large, name: 'parts', left: 2 },
    // The store has received the abort; only its response was lost.
    { where: 'before the answer', data: large, name: 'parts', left: 0 },
  ] as const)(
    'in $name is unchanged when connections break $where, and is not listed if new',
    async ({ where, data, left }) => {
      const { prefix, backend } = fresh();
      await backend.write('old', bytes(50));
      // The upload starts; after that, every connection breaks.
      proxy.breaks = (_, url) => (url.includes('?uploads') ? undefined : where);
      await expect(backend.write('old', data)).rejects.toThrow();
      await expect(backend.write('new', data)).rejects.toThrow();
      proxy.breaks = () => undefined;
      expect(await backend.list()).toEqual(['old']);
      expect(sameBytes(await backend.read('old'), bytes(50))).toBe(true);
      expect(await backend.size('new')).toBeUndefined();

      // The unfinished upload is aborted once a writer has the lock.
      const lock = await backend.lock?.();
      await backendOf(prefix).clean?.({ exclusive: false });
      proxy.seen.length = 0;
      await backend.clean?.({ exclusive: true });
      expect(asked().filter((one) => one === 'DELETE upload')).toHaveLength(left);
      await lock?.release();
    },
  );

  it('is written and read although a connection breaks once', async () => {
    const { backend } = fresh();
    const broken = new Set<string>();
    proxy.breaks = (method, url) => {
      const request = `${method} ${url}`;
      if (broken.has(request)) return undefined;
      broken.add(request);
      return method === 'GET' ? 'in the answer' : 'in the request';
    };
    await backend.write('a', large);
    expect(sameBytes(await backend.read('a'), large)).toBe(true);
    expect(broken.size).toBeGreaterThan(5);
  });

  it('cannot be read if connections break repeatedly', async () => {
    const { backend } = fresh();
    await backend.write('a', large);
    proxy.breaks = () => 'in the answer';
    await expect(backend.read('a')).rejects.toThrow();
  });
});

describe('s3Backend', () => {
  it('lists several pages, but no names below another slash', async () => {
    const { prefix, backend } = fresh();
    const names = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(names.map((name) => backend.write(name, bytes(1))));
    await backendOf(`${prefix}/below`).write('deep', bytes(1));
    proxy.paged = true;
    proxy.seen.length = 0;
    expect(await backend.list()).toEqual(names);
    proxy.paged = false;
    expect(asked()).toEqual(['GET', 'GET', 'GET']);
  });

  it('reports a missing bucket, not missing blobs', async () => {
    const backend = s3Backend({ client: clientOf(server.port), bucket: 'no-such-bucket' });
    await expect(backend.list()).rejects.toThrow(/bucket/i);
    await expect(backend.read('a')).rejects.toThrow(/bucket/i);
    await expect(backend.write('a', bytes(1))).rejects.toThrow(/bucket/i);
  });

  it('works with stores that cannot list uploads', async () => {
    const backend = s3Backend({ client: clientOf(server.port), bucket: BUCKET });
    await backend.clean?.({ exclusive: true });
  });

  it('rejects invalid options', () => {
    expect(() => s3Backend({ bucket: 'a/b' })).toThrow(/option "bucket".*prefix/s);
    expect(() => s3Backend({ bucket: 'a', partSize: 1000 })).toThrow(/option "partSize"/);
    expect(() => s3Backend({ bucket: 'a', leaseMs: 10 })).toThrow(/option "leaseMs"/);
  });

  it('resolves names to URLs', () => {
    const client = clientOf(server.port);
    expect(s3Backend({ client, bucket: 'b', prefix: '/runs/mnist/' }).resolve('a')).toBe(
      's3://b/runs/mnist/a',
    );
    expect(s3Backend({ client, bucket: 'b' }).resolve('a')).toBe('s3://b/a');
  });
});

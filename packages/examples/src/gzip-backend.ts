import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { assertBlobName, BlobNotFoundError, type CheckpointBackend } from '@elistimator/checkpoint';

/** A checkpoint backend that keeps each blob in a gzipped file. These six methods are all that a backend needs. */
export const gzipBackend = (directory: string): CheckpointBackend => {
  const path = (name: string): string => {
    assertBlobName(name);
    return join(directory, `${name}.gz`);
  };
  const load = async (name: string): Promise<Uint8Array | undefined> => {
    try {
      return new Uint8Array(await promisify(gunzip)(await readFile(path(name))));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  };
  return {
    resolve: (name) => join(directory, name),
    write: async (name, data) => {
      const target = path(name);
      const parts: Uint8Array[] = [];
      if (data instanceof Uint8Array) parts.push(data);
      else for await (const part of data) parts.push(part.slice());
      await mkdir(directory, { recursive: true });
      // Written to a temporary file and renamed, so that readers never see a partial blob.
      await writeFile(`${target}.tmp`, await promisify(gzip)(Buffer.concat(parts)), {
        flush: true,
      });
      await rename(`${target}.tmp`, target);
    },
    read: async (name, range) => {
      const blob = await load(name);
      if (blob === undefined) throw new BlobNotFoundError(path(name));
      return range ? blob.slice(range.offset, range.offset + range.length) : blob;
    },
    size: async (name) => (await load(name))?.length,
    list: async (prefix = '') => {
      const files = await readdir(directory).catch(() => []);
      const names = files.filter((file) => file.endsWith('.gz')).map((file) => file.slice(0, -3));
      return names
        .filter((name) => name.startsWith(prefix))
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    },
    delete: (name) => rm(path(name), { force: true }),
  };
};

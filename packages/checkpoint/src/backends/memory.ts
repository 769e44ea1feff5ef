import { sortByUtf8 } from '../bytes';
import { BlobNotFoundError } from '../errors';
import { coalesce } from './blob-data';
import { assertBlobName, type CheckpointBackend } from './checkpoint-backend';
import { SharedLock } from './shared-lock';

/**
 * Keeps blobs in this process's memory: for tests, and for runs whose checkpoints need not outlive them.
 *
 * @param options.label tells several apart in `resolve`
 */
export const memoryBackend = (options: { readonly label?: string } = {}): CheckpointBackend => {
  const blobs = new Map<string, Uint8Array>();
  const shared = new SharedLock(async () => async () => {});
  const resolve = (name: string) => `memory:${options.label ?? ''}/${name}`;
  return {
    resolve,
    write: async (name, data) => {
      assertBlobName(name);
      const parts: Uint8Array[] = [];
      // A copy, since a part's buffer may be a tensor that the caller goes on to change.
      for await (const part of coalesce(data)) parts.push(new Uint8Array(part));
      blobs.set(name, Buffer.concat(parts));
    },
    read: async (name, range) => {
      assertBlobName(name);
      const blob = blobs.get(name);
      if (blob === undefined) throw new BlobNotFoundError(resolve(name));
      const offset = range?.offset ?? 0;
      return new Uint8Array(blob.subarray(offset, range && offset + range.length));
    },
    size: async (name) => {
      assertBlobName(name);
      return blobs.get(name)?.length;
    },
    list: async (prefix = '') =>
      sortByUtf8([...blobs.keys()].filter((name) => name.startsWith(prefix))),
    delete: async (name) => {
      assertBlobName(name);
      blobs.delete(name);
    },
    lock: () => shared.lock(),
  };
};

import { checkedFunction, kinds, options } from '@elistimator/internal';
import { sortByUtf8 } from '../bytes';
import { BlobNotFoundError } from '../errors';
import { coalesce } from './blob-data';
import {
  assertBlobName,
  type CheckpointBackend,
  checkBackendArguments,
} from './checkpoint-backend';
import { SharedLock } from './shared-lock';

const createBackend = (label: string): CheckpointBackend => {
  const blobs = new Map<string, Uint8Array>();
  const shared = new SharedLock(async () => async () => {});
  const resolve = (name: string) => `memory:${label}/${name}`;
  return {
    resolve,
    write: async (name, data) => {
      assertBlobName(name);
      const parts: Uint8Array[] = [];
      // Copies, because the caller may change a part's buffer afterwards.
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

/** Options of `memoryBackend`. */
interface MemoryOptions {
  readonly label?: string | undefined;
}

/**
 * Stores blobs in the memory of this process, for tests and for checkpoints that need not outlive it.
 *
 * @param options.label distinguishes several backends in `resolve`. Default: empty.
 */
export const memoryBackend = checkedFunction(
  'memoryBackend()',
  { options: options<MemoryOptions>({ label: kinds.string }) },
  ({ label = '' }: MemoryOptions = {}): CheckpointBackend => {
    const backend = createBackend(label);
    checkBackendArguments('memoryBackend', backend);
    return backend;
  },
);

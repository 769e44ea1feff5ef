import { S3Client } from '@aws-sdk/client-s3';
import { checkedFunction, kinds, required, requiredOptions } from '@elistimator/internal';
import {
  assertBlobName,
  type ByteRange,
  type CheckpointBackend,
  checkBackendArguments,
  isBlobName,
} from '../backends/checkpoint-backend';
import { LOCK_NAME } from '../backends/directory-lock';
import { sortByUtf8 } from '../bytes';
import {
  BlobNotFoundError,
  InvalidBlobNameError,
  InvalidCheckpointOptionError,
  show,
} from '../errors';
import { assertInteger } from '../option-checks';
import { S3Lock } from './s3-lock';
import { isNotSupported, S3Objects } from './s3-objects';
import { upload } from './s3-upload';

/** Options of `s3Backend`. */
export interface S3BackendOptions {
  /** An existing bucket. */
  readonly bucket: string;
  /** The beginning of all keys, such as `runs/mnist`, which is followed by a slash. Default: empty. */
  readonly prefix?: string | undefined;
  /** A client with a custom region, endpoint or credentials. Default: the SDK reads them from the environment. */
  readonly client?: S3Client | undefined;
  /** Longer blobs are uploaded in parts of this size, four at a time. In bytes. Default: 8 MiB. */
  readonly partSize?: number | undefined;
  /** The lock of a writer that has not renewed it for this long is stale. In milliseconds. Default: one minute. */
  readonly leaseMs?: number | undefined;
  /** Uses conditional writes for the lock. Pass false for stores that reject them. Default: true. */
  readonly conditionalWrites?: boolean | undefined;
  /** A monotonic clock, in milliseconds. Default: `performance.now`. */
  readonly now?: (() => number) | undefined;
}

const MEBIBYTE = 2 ** 20;

/** S3's limits for all parts but the last. */
const LEAST_PART = 5 * MEBIBYTE;
const GREATEST_PART = 5 * 1024 * MEBIBYTE;

/** Stores measure the age of an object in whole seconds. */
const LEAST_LEASE_MS = 5000;
/** The greatest delay of setInterval(). */
const GREATEST_LEASE_MS = 2 ** 31 - 1;

/** Clients may come from another copy of the SDK: do not use instanceof. */
const clientKind = {
  expected: 'an S3Client of @aws-sdk/client-s3',
  accepts: (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    'send' in value &&
    typeof value.send === 'function',
};

const assertBucket = (bucket: string): void => {
  if (bucket !== '' && !bucket.includes('/')) return;
  throw new InvalidCheckpointOptionError(
    'bucket',
    'the name of a bucket',
    show(bucket),
    'Pass the part after the bucket as "prefix".',
  );
};

let defaultClient: S3Client | undefined;

/** A single default client, so that backends of the same location share their lock. */
const sharedClient = (): S3Client => {
  defaultClient ??= new S3Client({});
  return defaultClient;
};

/** One lock per location, shared by all backends of this process. */
const locks = new WeakMap<S3Client, Map<string, S3Lock>>();

const lockOf = (objects: S3Objects, createLock: () => S3Lock): S3Lock => {
  const byLocation = locks.get(objects.client) ?? new Map<string, S3Lock>();
  locks.set(objects.client, byLocation);
  const location = `${objects.bucket}/${objects.prefix}`;
  const lock = byLocation.get(location) ?? createLock();
  byLocation.set(location, lock);
  return lock;
};

const createBackend = (options: S3BackendOptions): CheckpointBackend => {
  const { bucket, partSize = 8 * MEBIBYTE, leaseMs = 60_000, conditionalWrites = true } = options;
  assertInteger('partSize', partSize, LEAST_PART, GREATEST_PART);
  assertInteger('leaseMs', leaseMs, LEAST_LEASE_MS, GREATEST_LEASE_MS);
  assertBucket(bucket);
  const folder = (options.prefix ?? '').replace(/^\/+|\/+$/g, '');
  const client = options.client ?? sharedClient();
  const objects = new S3Objects(client, bucket, folder === '' ? '' : `${folder}/`);
  const now = options.now ?? (() => performance.now());
  const lock = lockOf(
    objects,
    () => new S3Lock(objects, { leaseMs, conditional: conditionalWrites, now }),
  );
  const resolve = (name: string) => `s3://${bucket}/${objects.prefix}${name}`;
  const assertName = (name: string) => {
    assertBlobName(name);
    if (name === LOCK_NAME)
      throw new InvalidBlobNameError(name, 'a name that the backend reserves');
  };
  const readBytes = async (name: string, range: ByteRange | undefined) => {
    // HTTP has no empty ranges.
    if (range?.length === 0)
      return (await objects.size(name)) === undefined ? undefined : new Uint8Array();
    return (await objects.get(name, range))?.bytes;
  };
  return {
    resolve,
    write: async (name, data) => {
      assertName(name);
      await lock.assertHeld();
      await upload(objects, name, data, partSize);
    },
    read: async (name, range) => {
      assertName(name);
      const bytes = await readBytes(name, range);
      if (bytes === undefined) throw new BlobNotFoundError(resolve(name));
      return bytes;
    },
    size: async (name) => {
      assertName(name);
      return objects.size(name);
    },
    list: async (prefix = '') => {
      const names = await objects.list(prefix);
      return sortByUtf8(names.filter((name) => isBlobName(name) && name !== LOCK_NAME));
    },
    delete: async (name) => {
      assertName(name);
      await lock.assertHeld();
      await objects.delete(name);
    },
    clean: async ({ exclusive }) => {
      // Without the lock, an unfinished upload may belong to another process that is still running.
      if (!exclusive) return;
      await objects.abortUploads().catch((error: unknown) => {
        if (!isNotSupported(error)) throw error;
      });
    },
    lock: () => lock.lock(),
  };
};

/**
 * Stores blobs as objects under one prefix of a bucket, in S3 or in a store that implements its protocol.
 *
 * A blob appears once all its bytes have been written. The lock is an object that its holder renews. It is stale, and
 * can be taken over, if it was not renewed for `leaseMs` by the store's clock, or if its holder ran on this machine
 * and has ended. A writer whose lock was taken over gets a DirectoryLockedError.
 *
 * `clean` aborts uploads that a killed process left unfinished. If no process saves under the prefix again, the
 * bucket's lifecycle rule (`AbortIncompleteMultipartUpload`) has to.
 *
 * @throws InvalidCheckpointOptionError
 */
export const s3Backend = checkedFunction(
  's3Backend()',
  {
    options: requiredOptions<S3BackendOptions>({
      bucket: required(kinds.string),
      prefix: kinds.string,
      client: clientKind,
      partSize: true,
      leaseMs: true,
      conditionalWrites: kinds.boolean,
      now: kinds.callback,
    }),
  },
  (options: S3BackendOptions): CheckpointBackend => {
    const backend = createBackend(options);
    checkBackendArguments('s3Backend', backend);
    return backend;
  },
);

import { S3Client } from '@aws-sdk/client-s3';
import { assertBlobName, type CheckpointBackend, isBlobName } from '../backends/checkpoint-backend';
import { LOCK_NAME } from '../backends/directory-lock';
import { sortByUtf8 } from '../bytes';
import { BlobNotFoundError, InvalidBlobNameError, InvalidCheckpointOptionError } from '../errors';
import { S3Lock } from './s3-lock';
import { isNotOffered, S3Objects } from './s3-objects';
import { upload } from './s3-upload';

/** Where in S3, and how. */
export interface S3BackendOptions {
  /** It must exist. */
  readonly bucket: string;
  /** What keys begin with, as `runs/mnist`; a slash follows. Nothing by default. */
  readonly prefix?: string | undefined;
  /** With region, endpoint and credentials of yours; by default the SDK finds them in the environment. */
  readonly client?: S3Client | undefined;
  /** Blobs longer than this are uploaded in parts of it, four at once; in bytes, 8 MiB by default. */
  readonly partSize?: number | undefined;
  /** A writer that was silent for this long counts as gone; in milliseconds, a minute by default. */
  readonly leaseMs?: number | undefined;
  /** Whether the lock is written under conditions; false for a store that answers them with an error. */
  readonly conditionalWrites?: boolean | undefined;
  /** A clock that never goes back, in milliseconds; `performance.now` by default. */
  readonly now?: (() => number) | undefined;
}

const MEBIBYTE = 2 ** 20;

/** S3's own limits for all parts but the last. */
const LEAST_PART = 5 * MEBIBYTE;
const GREATEST_PART = 5 * 1024 * MEBIBYTE;

/** Far from the second, in which stores count the time of a write. */
const LEAST_LEASE_MS = 5000;

const assertBetween = (option: string, value: number, least: number, most: number): number => {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InvalidCheckpointOptionError(
    option,
    `a whole number from ${least} to ${most}`,
    value,
    'Leave it out.',
  );
};

const assertBucket = (bucket: string): string => {
  if (bucket !== '' && !bucket.includes('/')) return bucket;
  const fix = 'What comes behind the bucket goes into prefix.';
  throw new InvalidCheckpointOptionError('bucket', 'the name of a bucket', bucket, fix);
};

let defaultClient: S3Client | undefined;

/** One for all, so that backends of one place share their lock. */
const clientOfEnvironment = (): S3Client => {
  defaultClient ??= new S3Client({});
  return defaultClient;
};

/** One lock for each place, whichever backend of this process asks for it. */
const locks = new WeakMap<S3Client, Map<string, S3Lock>>();

const lockOf = (objects: S3Objects, make: () => S3Lock): S3Lock => {
  const own = locks.get(objects.client) ?? new Map<string, S3Lock>();
  locks.set(objects.client, own);
  const place = `${objects.bucket}/${objects.prefix}`;
  const lock = own.get(place) ?? make();
  own.set(place, lock);
  return lock;
};

/**
 * Stores blobs as the objects of a bucket under one prefix: in S3, or in what speaks its protocol.
 *
 * A blob appears once its last byte is there, as S3 has it. The lock is an object that its holder renews; one
 * that was not renewed for `leaseMs` by the store's clock is taken over, and so is at once that of a process
 * of this machine that is gone. A writer that finds its lock taken over gets a DirectoryLockedError.
 *
 * `clean` ends uploads that a killed process left unfinished. Where no other process
 * ever saves under the prefix again, they are left to the bucket's lifecycle rule
 * (`AbortIncompleteMultipartUpload`).
 *
 * @throws InvalidCheckpointOptionError
 */
export const s3Backend = (options: S3BackendOptions): CheckpointBackend => {
  const { partSize = 8 * MEBIBYTE, leaseMs = 60_000, conditionalWrites = true } = options;
  assertBetween('partSize', partSize, LEAST_PART, GREATEST_PART);
  assertBetween('leaseMs', leaseMs, LEAST_LEASE_MS, 2 ** 31 - 1);
  const bucket = assertBucket(options.bucket);
  const folder = (options.prefix ?? '').replace(/^\/+|\/+$/g, '');
  const client = options.client ?? clientOfEnvironment();
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
      throw new InvalidBlobNameError(name, 'a name that the backend keeps for itself');
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
      // HTTP has no empty ranges.
      const found =
        range?.length === 0
          ? (await objects.size(name)) !== undefined && { bytes: new Uint8Array() }
          : await objects.get(name, range);
      if (!found) throw new BlobNotFoundError(resolve(name));
      return found.bytes;
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
      // Without the lock, an upload may be another process's, and under way.
      if (!exclusive) return;
      await objects.abortUploads().catch((error: unknown) => {
        if (!isNotOffered(error)) throw error;
      });
    },
    lock: () => lock.lock(),
  };
};

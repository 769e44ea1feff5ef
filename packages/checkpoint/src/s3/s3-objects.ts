import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { explain } from '@elistimator/internal';
import type { ByteRange } from '../backends/checkpoint-backend';

/** The SDK retries requests, but not after the response has started. */
const READ_ATTEMPTS = 3;

/** The HTTP status of an SDK error, which may come from another copy of the SDK: do not use instanceof. */
const statusOf = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { $metadata } = error;
  if (typeof $metadata !== 'object' || $metadata === null) return undefined;
  return 'httpStatusCode' in $metadata && typeof $metadata.httpStatusCode === 'number'
    ? $metadata.httpStatusCode
    : undefined;
};

/** The object does not exist. A missing bucket is a different error, if the store reports it as such. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error && statusOf(error) === 404 && error.name !== 'NoSuchBucket';

/** The range starts after the object's end. */
const isBeyondEnd = (error: unknown): boolean => statusOf(error) === 416;

/** The condition of a write was not met, or another write at the same time was faster. */
const isConditionFailure = (error: unknown): boolean =>
  statusOf(error) === 412 || statusOf(error) === 409;

/** The store does not support the request, or does not permit it. */
export const isNotSupported = (error: unknown): boolean =>
  [403, 405, 501].includes(statusOf(error) ?? 0);

/** What a conditional write requires of the existing object: that it has this ETag, or that it does not exist. */
export type PutCondition = { readonly etag: string } | 'absent';

/** An object, and its age according to the store's clock; undefined if the store does not provide it. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string | undefined;
  readonly ageMs: number | undefined;
}

/** Records the Date header of the response, which is not part of the SDK's output. */
const recordDate = (command: GetObjectCommand): (() => number) => {
  let date = Number.NaN;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const response = result.response as
        | { headers?: Readonly<Record<string, string>> }
        | undefined;
      date = Date.parse(response?.headers?.date ?? '');
      return result;
    },
    { step: 'deserialize', name: 'recordDate' },
  );
  return () => date;
};

/**
 * Reads a response's body into one array, without a second copy.
 *
 * @throws Error if the connection ends before the body is complete
 */
const readBody = async ({ Body, ContentLength }: GetObjectCommandOutput): Promise<Uint8Array> => {
  if (Body === undefined) return new Uint8Array();
  if (ContentLength === undefined) return new Uint8Array(await Body.transformToByteArray());
  const bytes = new Uint8Array(ContentLength);
  let filled = 0;
  // Clients that use fetch() return another kind of stream.
  const chunks = Body instanceof Readable ? Body : [await Body.transformToByteArray()];
  for await (const chunk of chunks) {
    if (filled + chunk.length <= bytes.length) bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled === bytes.length) return bytes;
  throw new Error(
    explain({
      subject: 'body of an S3 response',
      expected: `${bytes.length} bytes`,
      actual: `${filled}`,
      fix: 'The connection was interrupted: try again.',
    }),
  );
};

const rangeHeader = (range: ByteRange | undefined): string | undefined =>
  range &&
  `bytes=${range.offset}-${Math.min(range.offset + range.length - 1, Number.MAX_SAFE_INTEGER)}`;

/** Stores that support `EncodingType` encode keys, because XML cannot represent every character. */
const decodeKey = (key: string, encoding: string | undefined): string =>
  encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key;

/** The objects of a bucket whose keys begin with a prefix, named by the rest of their keys. */
export class S3Objects {
  readonly client: S3Client;
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;

  constructor(client: S3Client, bucket: string, prefix: string) {
    this.client = client;
    this.bucket = bucket;
    this.prefix = prefix;
  }

  at(name: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.bucket, Key: `${this.prefix}${name}` };
  }

  /**
   * Reads an object, or a range of at least one byte. Returns undefined if it does not exist. Retries if the
   * connection is interrupted.
   */
  async get(name: string, range?: ByteRange): Promise<StoredObject | undefined> {
    for (let attempt = 1; ; attempt++) {
      const command = new GetObjectCommand({ ...this.at(name), Range: rangeHeader(range) });
      const date = recordDate(command);
      try {
        const output = await this.client.send(command);
        try {
          const ageMs = date() - (output.LastModified?.getTime() ?? Number.NaN);
          return {
            bytes: await readBody(output),
            etag: output.ETag,
            ageMs: Number.isNaN(ageMs) ? undefined : ageMs,
          };
        } catch (error) {
          if (attempt === READ_ATTEMPTS) throw error;
        }
      } catch (error) {
        if (isMissing(error)) return undefined;
        if (range === undefined || !isBeyondEnd(error)) throw error;
        return { bytes: new Uint8Array(), etag: undefined, ageMs: undefined };
      }
    }
  }

  /** An object's length in bytes, or undefined if it does not exist. */
  async size(name: string): Promise<number | undefined> {
    try {
      return (await this.client.send(new HeadObjectCommand(this.at(name)))).ContentLength;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Writes an object in one request. @returns false if the condition is not met */
  async put(name: string, bytes: Uint8Array, condition?: PutCondition): Promise<boolean> {
    if (condition === undefined) return this.#put(name, bytes, {});
    if (condition === 'absent') return this.#put(name, bytes, { IfNoneMatch: '*' });
    const { etag } = condition;
    if (await this.#put(name, bytes, { IfMatch: etag })) return true;
    // Ceph's gateway (release 16) returns ETags with quotes but only accepts them without.
    const unquoted = etag.replace(/^"(.*)"$/, '$1');
    return unquoted !== etag && (await this.#put(name, bytes, { IfMatch: unquoted }));
  }

  async #put(
    name: string,
    bytes: Uint8Array,
    condition: { readonly IfMatch?: string; readonly IfNoneMatch?: string },
  ): Promise<boolean> {
    try {
      await this.client.send(new PutObjectCommand({ ...this.at(name), Body: bytes, ...condition }));
      return true;
    } catch (error) {
      // The object that was to be replaced may have been deleted.
      const isConditional = Object.keys(condition).length > 0;
      if (isConditional && (isConditionFailure(error) || isMissing(error))) return false;
      throw error;
    }
  }

  /** Deletes an object. Does nothing if it does not exist. */
  async delete(name: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.at(name)));
  }

  /** The names that begin with `start`, in any order, except those that contain a slash after it. */
  async list(start: string): Promise<string[]> {
    const names: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.client.send(
        new ListObjectsV2Command({
          Bucket: this.bucket,
          Prefix: `${this.prefix}${start}`,
          Delimiter: '/',
          EncodingType: 'url',
          ContinuationToken: token,
        }),
      );
      for (const { Key = '' } of page.Contents ?? [])
        names.push(decodeKey(Key, page.EncodingType).slice(this.prefix.length));
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
    return names;
  }

  /** Aborts unfinished multipart uploads, whose parts the store keeps and bills. */
  async abortUploads(): Promise<void> {
    const { Uploads = [], EncodingType } = await this.client.send(
      new ListMultipartUploadsCommand({
        Bucket: this.bucket,
        Prefix: this.prefix,
        EncodingType: 'url',
      }),
    );
    for (const { Key = '', UploadId } of Uploads) {
      const name = decodeKey(Key, EncodingType).slice(this.prefix.length);
      if (name.includes('/')) continue;
      await this.client.send(new AbortMultipartUploadCommand({ ...this.at(name), UploadId }));
    }
  }
}

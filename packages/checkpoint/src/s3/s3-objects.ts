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
import type { ByteRange } from '../backends/checkpoint-backend';

/** The SDK tries a request again, but not once its answer has begun. */
const READ_ATTEMPTS = 3;

/** What a conditional write asks of the object that is there: this one, or none. */
export type PutCondition = { readonly etag: string } | 'absent';

/** An object, and how long ago it was written by the store's own clock; undefined where it does not tell. */
export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string | undefined;
  readonly ageMs: number | undefined;
}

/** Notes the store's clock, which the SDK's outputs leave out. */
const noteDate = (command: GetObjectCommand): (() => number) => {
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
    { step: 'deserialize', name: 'noteDate' },
  );
  return () => date;
};

const rangeHeader = (range: ByteRange | undefined): string | undefined =>
  range &&
  `bytes=${range.offset}-${Math.min(range.offset + range.length - 1, Number.MAX_SAFE_INTEGER)}`;

/** Keys come encoded where the store does what `EncodingType` asks, as XML cannot hold every character. */
const decodeKey = (key: string, encoding: string | undefined): string =>
  encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key;

/** The objects of one bucket whose keys begin with a prefix, by the rest of their keys. */
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

  /** What names an object in a request. */
  at(name: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.bucket, Key: `${this.prefix}${name}` };
  }

  /**
   * Reads an object, or a range of at least a byte; undefined when there is none. A connection that breaks is
   * made again.
   */
  async get(name: string, range?: ByteRange): Promise<StoredObject | undefined> {
    for (let attempt = 1; ; attempt++) {
      const command = new GetObjectCommand({ ...this.at(name), Range: rangeHeader(range) });
      const dateOf = noteDate(command);
      try {
        const output = await this.client.send(command);
        try {
          const ageMs = dateOf() - (output.LastModified?.getTime() ?? Number.NaN);
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

  /** An object's length in bytes; undefined when there is none. */
  async size(name: string): Promise<number | undefined> {
    try {
      return (await this.client.send(new HeadObjectCommand(this.at(name)))).ContentLength;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Writes an object, at once and whole. @returns false when the condition does not hold */
  async put(name: string, bytes: Uint8Array, condition?: PutCondition): Promise<boolean> {
    if (condition === undefined) return this.#put(name, bytes, {});
    if (condition === 'absent') return this.#put(name, bytes, { IfNoneMatch: '*' });
    const { etag } = condition;
    if (await this.#put(name, bytes, { IfMatch: etag })) return true;
    // Ceph's gateway, as of its release 16, gives ETags in quotes and knows them only without.
    const bare = etag.replace(/^"(.*)"$/, '$1');
    return bare !== etag && (await this.#put(name, bytes, { IfMatch: bare }));
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
      // An object that was to be replaced may be gone, too.
      const conditional = Object.keys(condition).length > 0;
      if (conditional && (isRefused(error) || isMissing(error))) return false;
      throw error;
    }
  }

  /** Removes an object; none is no error. */
  async delete(name: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand(this.at(name)));
  }

  /** The names that begin with `start`, in no certain order; those that go on behind a slash are left out. */
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

  /** Ends uploads in parts that nobody ended; the store keeps what was sent of them, and bills it. */
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

/** By its shape: the client may come from another copy of the SDK, with error classes of its own. */
const statusOf = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const { httpStatusCode } = error.$metadata as { readonly httpStatusCode?: number };
  return httpStatusCode;
};

/** There is no such object. That there is no such bucket is another matter, wherever the store tells. */
export const isMissing = (error: unknown): boolean =>
  statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket';

/** The range begins behind the object's end. */
export const isBeyondEnd = (error: unknown): boolean => statusOf(error) === 416;

/** A conditional write found something else than it asked for, or lost against one at the same moment. */
export const isRefused = (error: unknown): boolean =>
  statusOf(error) === 412 || statusOf(error) === 409;

/** The store does not offer this, or not to these credentials. */
export const isNotOffered = (error: unknown): boolean =>
  [403, 405, 501].includes(statusOf(error) ?? 0);

/**
 * Reads the body of an answer into one array of its length, without a second copy.
 *
 * @throws Error when the connection ends before the body does
 */
export const readBody = async ({
  Body,
  ContentLength,
}: GetObjectCommandOutput): Promise<Uint8Array> => {
  if (Body === undefined) return new Uint8Array();
  if (ContentLength === undefined) return new Uint8Array(await Body.transformToByteArray());
  const bytes = new Uint8Array(ContentLength);
  let filled = 0;
  // Clients whose requests go through fetch() give a stream of another kind.
  const chunks = Body instanceof Readable ? Body : [await Body.transformToByteArray()];
  for await (const chunk of chunks) {
    if (filled + chunk.length <= bytes.length) bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled !== bytes.length) {
    throw new Error(
      `The body of an S3 object: expected ${bytes.length} bytes, got ${filled}. Read it again.`,
    );
  }
  return bytes;
};

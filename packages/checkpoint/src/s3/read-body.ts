import { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';

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

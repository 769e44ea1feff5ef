import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { inParts } from '../backends/blob-data';
import type { BlobData } from '../backends/checkpoint-backend';
import { InvalidCheckpointOptionError } from '../errors';
import type { S3Objects } from './s3-objects';

/** S3's own limit. */
const MOST_PARTS = 10_000;

/** How many parts are on their way at once. */
const AT_ONCE = 4;

async function* joined<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}

/** Uploads in parts: the object appears once the last step, that names them all, is done. */
const uploadParts = async (
  objects: S3Objects,
  name: string,
  parts: AsyncIterable<Uint8Array>,
  partSize: number,
): Promise<void> => {
  const { client } = objects;
  const target = objects.at(name);
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  const upload = { ...target, UploadId };
  const sent: CompletedPart[] = [];
  const underWay = new Set<Promise<void>>();
  const stop = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const assertSound = () => {
    if (failure !== undefined) throw failure.error;
  };
  const send = async (PartNumber: number, Body: Uint8Array) => {
    try {
      const command = new UploadPartCommand({ ...upload, PartNumber, Body });
      const { ETag } = await client.send(command, { abortSignal: stop.signal });
      sent.push({ PartNumber, ETag });
    } catch (error) {
      failure ??= { error };
    }
  };
  try {
    let number = 0;
    for await (const part of parts) {
      if (++number > MOST_PARTS) {
        throw new InvalidCheckpointOptionError(
          'partSize',
          `parts so long that ${MOST_PARTS} are enough for ${target.Key}`,
          partSize,
          'Double it, or save in more data files (shards).',
        );
      }
      const sending = send(number, part).finally(() => underWay.delete(sending));
      underWay.add(sending);
      if (underWay.size === AT_ONCE) await Promise.race(underWay);
      assertSound();
    }
    await Promise.all(underWay);
    assertSound();
    sent.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
    await client.send(
      new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: sent } }),
    );
  } catch (error) {
    stop.abort();
    // A part that arrives after the upload was given up would stay.
    await Promise.all(underWay);
    // What the store keeps of it is never listed, and clean() takes it away.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
};

/**
 * Writes an object whole or not at all: in one request when it is no longer than a part, else in parts.
 *
 * @param partSize in bytes
 */
export const upload = async (
  objects: S3Objects,
  name: string,
  data: BlobData,
  partSize: number,
): Promise<void> => {
  const parts = inParts(data, partSize);
  const first = await parts.next();
  if (first.done) {
    await objects.put(name, new Uint8Array());
    return;
  }
  const second = await parts.next();
  if (second.done) await objects.put(name, first.value);
  else await uploadParts(objects, name, joined([first.value, second.value], parts), partSize);
};

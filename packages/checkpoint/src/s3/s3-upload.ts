import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { rechunk } from '../backends/blob-data';
import type { BlobData } from '../backends/checkpoint-backend';
import { InvalidCheckpointOptionError } from '../errors';
import type { S3Objects } from './s3-objects';

/** S3's limit. */
const MOST_PARTS = 10_000;

/** The number of parts that are uploaded at the same time. */
const CONCURRENCY = 4;

async function* concatenate<T>(first: readonly T[], rest: AsyncIterable<T>): AsyncGenerator<T> {
  yield* first;
  yield* rest;
}

/** Uploads an object in parts. The object appears when the upload is completed. */
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
  const completed: CompletedPart[] = [];
  const pending = new Set<Promise<void>>();
  const abort = new AbortController();
  let failure: { readonly error: unknown } | undefined;
  const throwIfFailed = () => {
    if (failure !== undefined) throw failure.error;
  };
  const sendPart = async (PartNumber: number, Body: Uint8Array) => {
    try {
      const command = new UploadPartCommand({ ...upload, PartNumber, Body });
      const { ETag } = await client.send(command, { abortSignal: abort.signal });
      completed.push({ PartNumber, ETag });
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
          `parts so large that ${MOST_PARTS} are enough for ${target.Key}`,
          `${partSize} bytes`,
          'Double "partSize", or save more data files with the option "shards".',
        );
      }
      const sending = sendPart(number, part).finally(() => pending.delete(sending));
      pending.add(sending);
      if (pending.size === CONCURRENCY) await Promise.race(pending);
      throwIfFailed();
    }
    await Promise.all(pending);
    throwIfFailed();
    completed.sort((a, b) => (a.PartNumber ?? 0) - (b.PartNumber ?? 0));
    await client.send(
      new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: completed } }),
    );
  } catch (error) {
    abort.abort();
    // A part that arrives after the upload was aborted would not be deleted.
    await Promise.all(pending);
    // If this fails, clean() aborts the upload later.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
};

/**
 * Writes an object atomically: in one request if it fits into a part, otherwise in parts.
 *
 * @param partSize in bytes
 */
export const upload = async (
  objects: S3Objects,
  name: string,
  data: BlobData,
  partSize: number,
): Promise<void> => {
  const parts = rechunk(data, partSize);
  const first = await parts.next();
  if (first.done) {
    await objects.put(name, new Uint8Array());
    return;
  }
  const second = await parts.next();
  if (second.done) await objects.put(name, first.value);
  else await uploadParts(objects, name, concatenate([first.value, second.value], parts), partSize);
};

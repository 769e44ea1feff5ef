import { maskedCrc32c } from '@elistimator/protos';
import type { CheckpointBackend } from '../backends';
import { hex32 } from '../bytes/hex';
import { BlobNotFoundError, CorruptCheckpointError } from '../errors';
import type { CheckpointRecord } from './metadata';

/** The masked CRC-32C of each attachment, by suffix. */
export const attachmentSums = (
  attachments: Readonly<Record<string, Uint8Array>>,
): Record<string, number> =>
  Object.fromEntries(
    Object.entries(attachments).map(([suffix, bytes]) => [suffix, maskedCrc32c(bytes)]),
  );

/** The blobs of attachments that one record has and its successor does not. */
export const staleAttachments = (
  before: CheckpointRecord | undefined,
  after: CheckpointRecord,
): string[] =>
  Object.keys(before?.attachments ?? {})
    .filter((suffix) => !Object.hasOwn(after.attachments, suffix))
    .map((suffix) => `${after.prefix}${suffix}`);

/**
 * Reads a file that lies beside a checkpoint; undefined when there is none. Verified if the record has its sum:
 * TensorFlow's own `.meta` has none.
 *
 * @throws CorruptCheckpointError when it is damaged, or recorded and gone
 */
export const readAttachment = async (
  backend: CheckpointBackend,
  { prefix, attachments }: CheckpointRecord,
  suffix: string,
): Promise<Uint8Array | undefined> => {
  const name = `${prefix}${suffix}`;
  const file = backend.resolve(name);
  const recorded = Object.hasOwn(attachments, suffix) ? attachments[suffix] : undefined;
  try {
    const bytes = await backend.read(name);
    const computed = maskedCrc32c(bytes);
    if (recorded === undefined || computed === recorded) return bytes;
    throw new CorruptCheckpointError(
      file,
      undefined,
      `checksum ${hex32(recorded)}`,
      hex32(computed),
    );
  } catch (cause) {
    if (!(cause instanceof BlobNotFoundError)) throw cause;
    if (recorded === undefined) return undefined;
    throw new CorruptCheckpointError(file, undefined, 'the file', 'none', { cause });
  }
};

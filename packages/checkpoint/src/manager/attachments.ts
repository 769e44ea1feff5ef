import { maskedCrc32c } from '@elistimator/protos';
import type { CheckpointBackend } from '../backends/checkpoint-backend';
import { hex32 } from '../bytes';
import { BlobNotFoundError, CorruptCheckpointError } from '../errors';
import type { CheckpointRecord } from './metadata';

/** Bytes by the suffix of their name, as `.meta`. */
export type Attachments = Readonly<Record<string, Uint8Array>>;

/** The masked CRC-32C of each attachment, by suffix. */
export const attachmentSums = (attachments: Attachments): Record<string, number> =>
  Object.fromEntries(
    Object.entries(attachments).map(([suffix, bytes]) => [suffix, maskedCrc32c(bytes)]),
  );

/** Where an attachment waits for its name as long as that is the older checkpoint's. */
export const waitingName = (prefix: string, suffix: string): string => `${prefix}.next${suffix}`;

/** The prefix in the name of a waiting attachment; undefined for any other name. */
export const waitingFor = (name: string): string | undefined =>
  /^(.+)\.next\.[\w.-]+$/s.exec(name)?.[1];

/** The blobs of a checkpoint's attachments; where it is unknown what it has, TensorFlow's own `.meta`. */
export const attachmentNames = ({ prefix, attachments }: CheckpointRecord): string[] =>
  (attachments === undefined ? ['.meta'] : Object.keys(attachments)).map(
    (suffix) => `${prefix}${suffix}`,
  );

/** The blobs of attachments that some records had, and those that took their place have not. */
export const staleAttachments = (
  before: readonly CheckpointRecord[],
  after: readonly CheckpointRecord[],
): string[] => {
  const used = new Set(after.flatMap(attachmentNames));
  return before.flatMap(attachmentNames).filter((name) => !used.has(name));
};

const readIfThere = async (
  backend: CheckpointBackend,
  name: string,
): Promise<Uint8Array | undefined> => {
  try {
    return await backend.read(name);
  } catch (error) {
    if (error instanceof BlobNotFoundError) return undefined;
    throw error;
  }
};

/** Gives the attachments that wait their names. @returns where they waited */
export const giveNames = async (
  backend: CheckpointBackend,
  { prefix, attachments = {} }: CheckpointRecord,
): Promise<string[]> => {
  const waited: string[] = [];
  for (const [suffix, sum] of Object.entries(attachments)) {
    const name = waitingName(prefix, suffix);
    const bytes = await readIfThere(backend, name);
    if (bytes === undefined) continue;
    waited.push(name);
    if (maskedCrc32c(bytes) === sum) await backend.write(`${prefix}${suffix}`, bytes);
  }
  return waited;
};

/**
 * Reads a file that lies beside a checkpoint; undefined when it has none. Verified if the record has its sum:
 * what TensorFlow saved, its own `.meta` too, has none.
 *
 * @throws CorruptCheckpointError when it is damaged, or recorded and gone
 */
export const readAttachment = async (
  backend: CheckpointBackend,
  { prefix, attachments }: CheckpointRecord,
  suffix: string,
): Promise<Uint8Array | undefined> => {
  const name = `${prefix}${suffix}`;
  if (attachments === undefined) return readIfThere(backend, name);
  const expected = Object.hasOwn(attachments, suffix) ? attachments[suffix] : undefined;
  if (expected === undefined) return undefined;
  const bytes = await readIfThere(backend, name);
  if (bytes !== undefined && maskedCrc32c(bytes) === expected) return bytes;
  const waiting = await readIfThere(backend, waitingName(prefix, suffix));
  if (waiting !== undefined && maskedCrc32c(waiting) === expected) return waiting;
  const [wanted, actual] =
    bytes === undefined
      ? ['the file', 'none']
      : [`checksum ${hex32(expected)}`, hex32(maskedCrc32c(bytes))];
  throw new CorruptCheckpointError(backend.resolve(name), undefined, wanted, actual);
};

import { maskedCrc32c } from '@elistimator/protos';
import type { CheckpointBackend } from '../backends/checkpoint-backend';
import { hex32 } from '../bytes';
import { BlobNotFoundError, CorruptCheckpointError } from '../errors';
import type { CheckpointRecord } from './metadata';

/** The masked CRC-32C of each attachment, by suffix. */
export const attachmentSums = (
  attachments: Readonly<Record<string, Uint8Array>>,
): Record<string, number> =>
  Object.fromEntries(
    Object.entries(attachments).map(([suffix, bytes]) => [suffix, maskedCrc32c(bytes)]),
  );

/** The temporary name of an attachment while an older checkpoint still uses its final name. */
export const stagedName = (prefix: string, suffix: string): string => `${prefix}.next${suffix}`;

/** The prefix in the name of a staged attachment, or undefined for any other name. */
export const prefixOfStaged = (name: string): string | undefined =>
  /^(.+)\.next\.[\w.-]+$/s.exec(name)?.[1];

/** The attachments' blobs of a checkpoint. If its attachments were not recorded, TensorFlow's `.meta` only. */
export const attachmentNames = ({ prefix, attachments }: CheckpointRecord): string[] =>
  (attachments === undefined ? ['.meta'] : Object.keys(attachments)).map(
    (suffix) => `${prefix}${suffix}`,
  );

/** The attachments' blobs that only the former records use. */
export const staleAttachments = (
  former: readonly CheckpointRecord[],
  current: readonly CheckpointRecord[],
): string[] => {
  const used = new Set(current.flatMap(attachmentNames));
  return former.flatMap(attachmentNames).filter((name) => !used.has(name));
};

const readIfPresent = async (
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

/**
 * Copies staged attachments to their final names.
 *
 * @returns the staged blobs, which can be deleted now
 */
export const promoteStaged = async (
  backend: CheckpointBackend,
  { prefix, attachments = {} }: CheckpointRecord,
): Promise<string[]> => {
  const staged: string[] = [];
  for (const [suffix, sum] of Object.entries(attachments)) {
    const name = stagedName(prefix, suffix);
    const bytes = await readIfPresent(backend, name);
    if (bytes === undefined) continue;
    staged.push(name);
    if (maskedCrc32c(bytes) === sum) await backend.write(`${prefix}${suffix}`, bytes);
  }
  return staged;
};

/**
 * Reads an attachment, or returns undefined if the checkpoint has none with this suffix. It is verified if its
 * checksum was recorded, which is not the case for checkpoints that TensorFlow saved.
 *
 * @throws CorruptCheckpointError if it is damaged, or was recorded and is missing
 */
export const readAttachment = async (
  backend: CheckpointBackend,
  { prefix, attachments }: CheckpointRecord,
  suffix: string,
): Promise<Uint8Array | undefined> => {
  const name = `${prefix}${suffix}`;
  if (attachments === undefined) return readIfPresent(backend, name);
  const expectedSum = Object.hasOwn(attachments, suffix) ? attachments[suffix] : undefined;
  if (expectedSum === undefined) return undefined;
  const bytes = await readIfPresent(backend, name);
  if (bytes !== undefined && maskedCrc32c(bytes) === expectedSum) return bytes;
  const staged = await readIfPresent(backend, stagedName(prefix, suffix));
  if (staged !== undefined && maskedCrc32c(staged) === expectedSum) return staged;
  const [expected, actual] =
    bytes === undefined
      ? ['the file', 'none']
      : [`checksum ${hex32(expectedSum)}`, hex32(maskedCrc32c(bytes))];
  throw new CorruptCheckpointError(backend.resolve(name), undefined, expected, actual);
};

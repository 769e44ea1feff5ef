import { maskedCrc32c } from '@elistimator/protos';
import type { CheckpointBackend } from '../backends';
import { indexName } from '../bundle/bundle-names';
import { BlobNotFoundError } from '../errors';
import { staleAttachments } from './attachments';
import type { CheckpointMetadata, PendingSave } from './metadata';

/** Whether a save counts: the index that lies there is its own. */
export const counts = async (
  backend: CheckpointBackend,
  { record, index }: PendingSave,
): Promise<boolean> => {
  try {
    return maskedCrc32c(await backend.read(indexName(record.prefix))) === index;
  } catch (error) {
    if (error instanceof BlobNotFoundError) return false;
    throw error;
  }
};

/**
 * What is known once a save counts: its record stands for its step. A checkpoint of the step under another
 * prefix is retired.
 */
export const counted = (
  { startedAt, records, retired, stale }: CheckpointMetadata,
  { record, state }: PendingSave,
): CheckpointMetadata => {
  const { globalStep, prefix } = record;
  const others = records.filter((one) => one.globalStep !== globalStep && one.prefix !== prefix);
  const replaced = records.filter((one) => !others.includes(one));
  const after = [...others, record];
  return {
    startedAt,
    records: after,
    retired: [...retired, ...replaced.map((one) => one.prefix)].filter((one) => one !== prefix),
    stale: [...stale, ...staleAttachments(replaced, after)],
    state,
  };
};

import { maskedCrc32c } from '@elistimator/protos';
import type { CheckpointBackend } from '../backends/checkpoint-backend';
import { indexName } from '../bundle/bundle-files';
import { BlobNotFoundError } from '../errors';
import { attachmentNames, staleAttachments } from './attachments';
import { type CheckpointNaming, isOwnPrefix } from './checkpoint-name';
import type { KeepPolicy } from './keep-policies';
import type { CheckpointMetadata, CheckpointRecord, PendingSave } from './metadata';

/** True once this save's index has been written. */
export const isCommitted = async (
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
 * The metadata after a commit: the new record replaces the record of the same step. If that had another prefix,
 * the prefix is retired.
 */
export const applyCommit = (
  { startedAt, records, retired, stale }: CheckpointMetadata,
  { record, state }: PendingSave,
): CheckpointMetadata => {
  const { globalStep, prefix } = record;
  const unaffected = records.filter(
    (other) => other.globalStep !== globalStep && other.prefix !== prefix,
  );
  const replaced = records.filter((other) => !unaffected.includes(other));
  const current = [...unaffected, record];
  return {
    startedAt,
    records: current,
    retired: [...retired, ...replaced.map((other) => other.prefix)].filter(
      (other) => other !== prefix,
    ),
    stale: [...stale, ...staleAttachments(replaced, current)],
    state,
  };
};

/**
 * The metadata after the keep policy was applied to a new checkpoint. Checkpoints of another naming belong to
 * other programs and are kept.
 *
 * @param metadata its `retired` and `stale` are those that still have to be deleted
 */
export const applyKeepPolicy = (
  metadata: CheckpointMetadata,
  saved: CheckpointRecord,
  policy: KeepPolicy,
  naming: CheckpointNaming,
): CheckpointMetadata => {
  const isOwn = ({ prefix }: CheckpointRecord) => isOwnPrefix(naming, prefix);
  const others = metadata.records.filter(({ globalStep }) => globalStep !== saved.globalStep);
  const candidates = [...others, saved];
  const selectedSteps = new Set<number>();
  for (const { globalStep } of policy.keep(candidates.filter(isOwn), metadata))
    selectedSteps.add(globalStep);
  const records = candidates.filter(
    (record) => record === saved || selectedSteps.has(record.globalStep) || !isOwn(record),
  );
  const livePrefixes = new Set(records.map(({ prefix }) => prefix));
  const ownPrefixes = metadata.records.filter(isOwn).map(({ prefix }) => prefix);
  const retired = new Set(
    [...metadata.retired, ...ownPrefixes].filter((prefix) => !livePrefixes.has(prefix)),
  );
  const liveAttachments = new Set(records.flatMap(attachmentNames));
  const stale = new Set([...metadata.stale, ...staleAttachments(metadata.records, records)]);
  return {
    ...metadata,
    records,
    retired: [...retired],
    stale: [...stale].filter((name) => !liveAttachments.has(name)),
  };
};

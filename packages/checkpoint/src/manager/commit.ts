import { maskedCrc32c } from '@elistimator/protos';
import type { CheckpointBackend } from '../backends/checkpoint-backend';
import { indexName } from '../bundle/bundle-files';
import { BlobNotFoundError } from '../errors';
import { attachmentNames, staleAttachments } from './attachments';
import { type CheckpointNaming, isOwnPrefix } from './checkpoint-name';
import { savedCheckpoints } from './checkpoint-view';
import type { KeepPolicy, SavedCheckpoint } from './keep-policies';
import { latestOf, withoutRecords } from './lineage';
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
  { startedAt, records, retired, stale, damaged }: CheckpointMetadata,
  { record, state }: PendingSave,
): CheckpointMetadata => {
  const { globalStep, prefix } = record;
  const isReplaced = (other: CheckpointRecord) =>
    other.globalStep === globalStep || other.prefix === prefix;
  const replaced = records.filter(isReplaced);
  const current = [...withoutRecords(records, isReplaced), record];
  return {
    startedAt,
    records: current,
    retired: [...retired, ...replaced.map((other) => other.prefix)].filter(
      (other) => other !== prefix,
    ),
    stale: [...stale, ...staleAttachments(replaced, current)],
    damaged: damaged.filter((other) => other !== prefix),
    state,
  };
};

/** The checkpoints as keep policies see them: abandoned ones as the oldest, none that is not finite. */
const candidatesOf = (
  records: readonly CheckpointRecord[],
  isOwn: (record: CheckpointRecord) => boolean,
): readonly SavedCheckpoint[] => {
  const ownSteps = new Set(records.filter(isOwn).map(({ globalStep }) => globalStep));
  const finite = savedCheckpoints(records).filter(
    ({ globalStep, isNonFinite }) => ownSteps.has(globalStep) && !isNonFinite,
  );
  return Object.freeze([
    ...finite.filter(({ isAbandoned }) => isAbandoned),
    ...finite.filter(({ isAbandoned }) => !isAbandoned),
  ]);
};

/**
 * The metadata after the keep policy was applied to a new checkpoint. Checkpoints of another naming belong to
 * other programs and are kept. The newest checkpoint that is not finite is kept in addition to what the policy keeps.
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
  const all = [...others, saved];
  const own = all.filter(isOwn);
  const kept = new Set<CheckpointRecord | undefined>([
    saved,
    latestOf(all),
    own.findLast(({ isNonFinite }) => isNonFinite),
  ]);
  const context = Object.freeze({ startedAt: metadata.startedAt });
  const selectedSteps = new Set<number>();
  for (const { globalStep } of policy.keep(candidatesOf(all, isOwn), context))
    selectedSteps.add(globalStep);
  const isDropped = (record: CheckpointRecord) =>
    isOwn(record) &&
    !kept.has(record) &&
    (record.isNonFinite === true || !selectedSteps.has(record.globalStep));
  const records = withoutRecords(all, isDropped);
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

import { maskedCrc32c } from '@elistimator/protos';
import type { CheckpointBackend } from '../backends/checkpoint-backend';
import { indexName } from '../bundle/bundle-files';
import { BlobNotFoundError } from '../errors';
import { attachmentNames, staleAttachments } from './attachments';
import { type CheckpointNaming, isOwnPrefix } from './checkpoint-name';
import type { KeepPolicy } from './keep-policies';
import type { CheckpointMetadata, CheckpointRecord, PendingSave } from './metadata';

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

/**
 * What is known once a checkpoint was saved: it replaces one of the same step, and the policy has decided.
 * Checkpoints of another naming are others' and stay.
 *
 * @param known what is known before; its `retired` and `stale` are those that are still to be deleted
 */
export const withSaved = (
  known: CheckpointMetadata,
  saved: CheckpointRecord,
  policy: KeepPolicy,
  naming: CheckpointNaming,
): CheckpointMetadata => {
  const others = known.records.filter(({ globalStep }) => globalStep !== saved.globalStep);
  const records = [...others, saved];
  const isOwn = ({ prefix }: CheckpointRecord) => isOwnPrefix(naming, prefix);
  const kept = new Set<number>();
  for (const { globalStep } of policy.keep(records.filter(isOwn), known)) kept.add(globalStep);
  const staying = records.filter(
    (record) => record === saved || kept.has(record.globalStep) || !isOwn(record),
  );
  const used = new Set(staying.map(({ prefix }) => prefix));
  const dropped = known.records.filter(isOwn).map(({ prefix }) => prefix);
  const retired = new Set([...known.retired, ...dropped].filter((prefix) => !used.has(prefix)));
  const names = new Set(staying.flatMap(attachmentNames));
  const stale = [...known.stale, ...staleAttachments(known.records, staying)];
  return {
    ...known,
    records: staying,
    retired: [...retired],
    stale: [...new Set(stale)].filter((name) => !names.has(name)),
  };
};

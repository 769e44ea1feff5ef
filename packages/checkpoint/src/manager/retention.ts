import type { KeepPolicy } from '../policies';
import { attachmentNames, staleAttachments } from './attachments';
import { type CheckpointNaming, isOwnPrefix } from './checkpoint-name';
import type { CheckpointMetadata, CheckpointRecord } from './metadata';

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

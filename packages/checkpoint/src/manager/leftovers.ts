import type { CheckpointBackend } from '../backends';
import { readBundleIndex } from '../bundle/bundle-index';
import { indexName } from '../bundle/bundle-names';
import { attachmentNames, waitingFor } from './attachments';
import { blobsOf, strayData } from './bundle-files';
import { type CheckpointNaming, isOwnPrefix } from './checkpoint-name';
import type { Inventory } from './inventory';
import { isAttachmentSuffix } from './metadata';

const shardCount = async (
  backend: CheckpointBackend,
  prefix: string,
): Promise<number | undefined> => {
  const name = indexName(prefix);
  try {
    return readBundleIndex(backend.resolve(name), await backend.read(name)).shards;
  } catch {
    // A damaged index does not tell which data files are its own: all stay.
    return undefined;
  }
};

/** Whether a name is a prefix of the manager's naming with the suffix of an attachment. */
const isOwnAttachment = (naming: CheckpointNaming, name: string): boolean => {
  const start = name.indexOf('.', naming.filename.length);
  return isOwnPrefix(naming, name.slice(0, start)) && isAttachmentSuffix(name.slice(start));
};

/**
 * The blobs that killed saves and killed prunings left behind. What others put into the directory is none
 * of it.
 */
export const leftoversOf = async (
  backend: CheckpointBackend,
  naming: CheckpointNaming,
  inventory: Inventory,
): Promise<string[]> => {
  const { bundles, records, retired, unfinished, names, saving, stale } = inventory;
  const leftovers = names.filter((name) => {
    const prefix = waitingFor(name);
    return prefix !== undefined && isOwnPrefix(naming, prefix);
  });
  const used = new Set(records.flatMap((record) => [record.prefix, ...attachmentNames(record)]));
  leftovers.push(...stale.filter((name) => isOwnAttachment(naming, name) && !used.has(name)));
  if (saving !== undefined && unfinished.includes(saving.record.prefix))
    leftovers.push(...attachmentNames(saving.record));
  for (const prefix of [...retired, ...unfinished]) {
    const files = bundles.get(prefix);
    if (files !== undefined && !used.has(prefix)) leftovers.push(...blobsOf(prefix, files));
  }
  for (const { prefix } of records) {
    const files = bundles.get(prefix);
    if (files === undefined || files.data.size < 2 || !isOwnPrefix(naming, prefix)) continue;
    const shards = await shardCount(backend, prefix);
    if (shards !== undefined) leftovers.push(...strayData(prefix, files, shards));
  }
  return leftovers;
};

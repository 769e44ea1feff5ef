import type { CheckpointBackend } from '../backends';
import { readBundleIndex } from '../bundle/bundle-index';
import { indexName } from '../bundle/bundle-names';
import { blobsOf, strayData } from './bundle-files';
import { type CheckpointNaming, isOwnPrefix } from './checkpoint-name';
import type { Inventory } from './inventory';

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

/**
 * The blobs that killed saves and killed prunings left behind. What others put into the directory is none
 * of it.
 */
export const leftoversOf = async (
  backend: CheckpointBackend,
  naming: CheckpointNaming,
  inventory: Inventory,
): Promise<string[]> => {
  const { bundles, records, retired, unfinished } = inventory;
  const suffixes = new Set([
    '.meta',
    ...records.flatMap(({ attachments }) => Object.keys(attachments)),
  ]);
  const leftovers: string[] = [];
  for (const prefix of [...retired, ...unfinished]) {
    const files = bundles.get(prefix);
    if (files !== undefined) leftovers.push(...blobsOf(prefix, files, suffixes));
  }
  for (const { prefix } of records) {
    const files = bundles.get(prefix);
    if (files === undefined || files.data.size < 2 || !isOwnPrefix(naming, prefix)) continue;
    const shards = await shardCount(backend, prefix);
    if (shards !== undefined) leftovers.push(...strayData(prefix, files, shards));
  }
  return leftovers;
};

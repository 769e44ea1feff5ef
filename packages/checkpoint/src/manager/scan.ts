import { posix, win32 } from 'node:path';
import type { CheckpointBackend } from '../backends/checkpoint-backend';
import {
  type BundleFiles,
  blobsOf,
  groupBundles,
  indexName,
  isComplete,
  strayData,
} from '../bundle/bundle-files';
import { readBundleIndex } from '../bundle/bundle-index';
import { openCheckpoint } from '../bundle/open-checkpoint';
import { CorruptCheckpointError } from '../errors';
import { attachmentNames, waitingFor } from './attachments';
import { type CheckpointNaming, isOwnPrefix, stepOf } from './checkpoint-name';
import { type CheckpointState, parseCheckpointState, STATE_NAME } from './checkpoint-state';
import { counted, counts } from './commit';
import {
  type CheckpointMetadata,
  type CheckpointRecord,
  isAttachmentSuffix,
  METADATA_NAME,
  parseMetadata,
} from './metadata';

/** What a backend holds, seen once. */
export interface Inventory extends CheckpointMetadata {
  /** Every checkpoint's files, whole or not, listed or not. */
  readonly bundles: ReadonlyMap<string, BundleFiles>;
  /** Prefixes of the manager's own naming whose saving was cut off. */
  readonly unfinished: readonly string[];
  /** Every blob's name. */
  readonly names: readonly string[];
  /** Whether there is a save that counts and was not completed. */
  readonly incomplete: boolean;
}

/** Beyond this, a file that is a few lines for each checkpoint is not one. */
const LONGEST_TEXT = 2 ** 28;

const readText = async (backend: CheckpointBackend, name: string): Promise<string> => {
  const size = (await backend.size(name)) ?? 0;
  if (size > LONGEST_TEXT) {
    throw new CorruptCheckpointError(
      backend.resolve(name),
      undefined,
      `${LONGEST_TEXT} bytes at most`,
      `${size}`,
    );
  }
  return Buffer.from(await backend.read(name)).toString();
};

/** The step of a checkpoint whose name has none: its `global_step`, as TensorFlow calls it. */
const storedStep = async (
  backend: CheckpointBackend,
  prefix: string,
): Promise<number | undefined> => {
  try {
    const reader = await openCheckpoint(prefix, { backend });
    if (!reader.has('global_step')) return undefined;
    const { dtype, data } = await reader.read('global_step');
    if (dtype !== 'int64' && dtype !== 'int32') return undefined;
    const step = Number(data[0]);
    return Number.isSafeInteger(step) && step >= 0 ? step : undefined;
  } catch {
    // Damaged or unreadable: whoever asks for it by its prefix is told so.
    return undefined;
  }
};

/** The last part of a path of any system: where the directory lay when it was written does not matter. */
const baseOf = (path: string): string => win32.basename(posix.basename(path));

/** When each checkpoint was saved, as the `checkpoint` file tells it, in milliseconds. */
const savingTimes = (state: CheckpointState | undefined): Map<string, number> =>
  new Map(
    (state?.timestamps ?? []).map((seconds, index) => [
      baseOf(state?.all[index] ?? ''),
      Math.max(0, seconds * 1000),
    ]),
  );

/** Of several checkpoints of one step, the manager's own comes first. */
const byStep = (naming: CheckpointNaming) => (a: CheckpointRecord, b: CheckpointRecord) =>
  a.globalStep - b.globalStep ||
  Number(isOwnPrefix(naming, b.prefix)) - Number(isOwnPrefix(naming, a.prefix));

/**
 * Looks through a backend: which checkpoints are whole, and what is known of them.
 *
 * Those that `elistimator_meta` records come first, the one of a save that counts and was not completed among
 * them. Others were saved by TensorFlow; of these, one that was retired is not taken up again.
 *
 * @param now taken as the time of saving where nothing tells it, in milliseconds since the epoch
 * @throws CorruptCheckpointError when `elistimator_meta` is damaged
 */
export const takeInventory = async (
  backend: CheckpointBackend,
  naming: CheckpointNaming,
  now: number,
): Promise<Inventory> => {
  const names = await backend.list();
  const present = new Set(names);
  const stored: CheckpointMetadata = present.has(METADATA_NAME)
    ? parseMetadata(backend.resolve(METADATA_NAME), await readText(backend, METADATA_NAME))
    : { startedAt: now, records: [], retired: [], stale: [], state: undefined };
  const state = present.has(STATE_NAME)
    ? parseCheckpointState(await readText(backend, STATE_NAME))
    : undefined;
  const { saving } = stored;
  const incomplete = saving !== undefined && (await counts(backend, saving));
  const metadata = incomplete ? counted(stored, saving) : stored;

  const bundles = groupBundles(names);
  const complete = (prefix: string) => {
    const files = bundles.get(prefix);
    return files !== undefined && isComplete(files);
  };
  const recorded = metadata.records.filter(({ prefix }) => complete(prefix));
  // Retired ones are only given up once those that replaced them are there.
  const retired = new Set(recorded.length > 0 ? metadata.retired : []);
  const known = new Set(recorded.map(({ prefix }) => prefix));
  const times = savingTimes(state);

  const ever = new Set(metadata.records.map(({ prefix }) => prefix));
  const others: CheckpointRecord[] = [];
  const unfinished: string[] = [];
  for (const prefix of bundles.keys()) {
    if (known.has(prefix) || retired.has(prefix)) continue;
    const own = isOwnPrefix(naming, prefix);
    if (!complete(prefix)) {
      if (own && !ever.has(prefix)) unfinished.push(prefix);
      continue;
    }
    const globalStep = stepOf(prefix) ?? (await storedStep(backend, prefix));
    if (globalStep === undefined) continue;
    others.push({ globalStep, prefix, savedAt: times.get(prefix) ?? now });
  }
  others.sort(byStep(naming));

  const records = new Map(recorded.map((record) => [record.globalStep, record]));
  for (const record of others) {
    if (!records.has(record.globalStep)) records.set(record.globalStep, record);
  }
  return {
    ...metadata,
    records: [...records.values()],
    retired: [...retired],
    saving,
    bundles,
    unfinished,
    names,
    incomplete,
  };
};

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

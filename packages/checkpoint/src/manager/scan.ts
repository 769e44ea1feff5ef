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
import { attachmentNames, prefixOfStaged } from './attachments';
import { type CheckpointNaming, isOwnPrefix, stepOf } from './checkpoint-name';
import { type CheckpointState, parseCheckpointState, STATE_NAME } from './checkpoint-state';
import { applyCommit, isCommitted } from './commit';
import {
  type CheckpointMetadata,
  type CheckpointRecord,
  isAttachmentSuffix,
  METADATA_NAME,
  parseMetadata,
} from './metadata';

/** The contents of a backend at one point in time. */
export interface ScanResult extends CheckpointMetadata {
  /** The existing files of every checkpoint, complete or not, listed or not. */
  readonly bundles: ReadonlyMap<string, BundleFiles>;
  /** Prefixes in the manager's own naming whose save was interrupted. */
  readonly unfinished: readonly string[];
  readonly names: readonly string[];
  /** True if a save was committed but the steps after its commit are missing. */
  readonly needsCompletion: boolean;
}

/** Both text files have a few lines per checkpoint, so a longer file is damaged. */
const LONGEST_TEXT = 2 ** 28;

const readText = async (backend: CheckpointBackend, name: string): Promise<string> => {
  const size = (await backend.size(name)) ?? 0;
  if (size > LONGEST_TEXT) {
    throw new CorruptCheckpointError(
      backend.resolve(name),
      undefined,
      `at most ${LONGEST_TEXT} bytes`,
      `${size}`,
    );
  }
  return Buffer.from(await backend.read(name)).toString();
};

/** The step of a checkpoint whose name contains none: TensorFlow's tensor `global_step`. */
const readGlobalStep = async (
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
    // A damaged checkpoint is not listed; reading it by its prefix reports the damage.
    return undefined;
  }
};

/** The last part of a path of any system: the directory may have been moved since the path was written. */
const baseOf = (path: string): string => win32.basename(posix.basename(path));

/** When each checkpoint was saved according to the `checkpoint` file, in milliseconds by prefix. */
const timesFrom = (state: CheckpointState | undefined): Map<string, number> =>
  new Map(
    (state?.timestamps ?? []).map((seconds, index) => [
      baseOf(state?.all[index] ?? ''),
      Math.max(0, seconds * 1000),
    ]),
  );

/** By step; among checkpoints of the same step, the manager's own come first. */
const byStep = (naming: CheckpointNaming) => (a: CheckpointRecord, b: CheckpointRecord) =>
  a.globalStep - b.globalStep ||
  Number(isOwnPrefix(naming, b.prefix)) - Number(isOwnPrefix(naming, a.prefix));

/**
 * Finds the complete checkpoints of a backend and their metadata.
 *
 * Checkpoints that `elistimator_meta` records take precedence, including one that was committed by an interrupted
 * save. Other complete checkpoints, such as TensorFlow's, are added unless their prefix is retired.
 *
 * @param now the saving time of checkpoints for which it is unknown, in milliseconds since the epoch
 * @throws CorruptCheckpointError if `elistimator_meta` is damaged
 */
export const scan = async (
  backend: CheckpointBackend,
  naming: CheckpointNaming,
  now: number,
): Promise<ScanResult> => {
  const names = await backend.list();
  const blobs = new Set(names);
  const stored: CheckpointMetadata = blobs.has(METADATA_NAME)
    ? parseMetadata(backend.resolve(METADATA_NAME), await readText(backend, METADATA_NAME))
    : { startedAt: now, records: [], retired: [], stale: [], state: undefined };
  const state = blobs.has(STATE_NAME)
    ? parseCheckpointState(await readText(backend, STATE_NAME))
    : undefined;
  const { saving } = stored;
  const needsCompletion = saving !== undefined && (await isCommitted(backend, saving));
  const metadata = needsCompletion ? applyCommit(stored, saving) : stored;

  const bundles = groupBundles(names);
  const exists = (prefix: string) => {
    const files = bundles.get(prefix);
    return files !== undefined && isComplete(files);
  };
  const recorded = metadata.records.filter(({ prefix }) => exists(prefix));
  const listed = new Set(recorded.map(({ prefix }) => prefix));
  // If no recorded checkpoint exists any more, the retired ones are listed again.
  const retired = new Set(recorded.length > 0 ? metadata.retired : []);
  const everRecorded = new Set(metadata.records.map(({ prefix }) => prefix));
  const times = timesFrom(state);

  const unrecorded: CheckpointRecord[] = [];
  const unfinished: string[] = [];
  for (const prefix of bundles.keys()) {
    if (listed.has(prefix) || retired.has(prefix)) continue;
    if (!exists(prefix)) {
      if (isOwnPrefix(naming, prefix) && !everRecorded.has(prefix)) unfinished.push(prefix);
      continue;
    }
    const globalStep = stepOf(prefix) ?? (await readGlobalStep(backend, prefix));
    if (globalStep === undefined) continue;
    unrecorded.push({ globalStep, prefix, savedAt: times.get(prefix) ?? now });
  }
  unrecorded.sort(byStep(naming));

  const records = new Map(recorded.map((record) => [record.globalStep, record]));
  for (const record of unrecorded) {
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
    needsCompletion,
  };
};

const shardCountOf = async (
  backend: CheckpointBackend,
  prefix: string,
): Promise<number | undefined> => {
  const name = indexName(prefix);
  try {
    return readBundleIndex(backend.resolve(name), await backend.read(name)).shards;
  } catch {
    // Without an intact index it is unknown which data files it refers to: keep them all.
    return undefined;
  }
};

/** True for a prefix in the manager's naming followed by the suffix of an attachment. */
const isOwnAttachment = (naming: CheckpointNaming, name: string): boolean => {
  const start = name.indexOf('.', naming.filename.length);
  return isOwnPrefix(naming, name.slice(0, start)) && isAttachmentSuffix(name.slice(start));
};

/** The blobs that interrupted saves and deletions left behind, excluding files of other programs. */
export const orphansOf = async (
  backend: CheckpointBackend,
  naming: CheckpointNaming,
  { bundles, records, retired, unfinished, names, saving, stale }: ScanResult,
): Promise<string[]> => {
  const orphans = names.filter((name) => {
    const prefix = prefixOfStaged(name);
    return prefix !== undefined && isOwnPrefix(naming, prefix);
  });
  const used = new Set(records.flatMap((record) => [record.prefix, ...attachmentNames(record)]));
  orphans.push(...stale.filter((name) => isOwnAttachment(naming, name) && !used.has(name)));
  if (saving !== undefined && unfinished.includes(saving.record.prefix))
    orphans.push(...attachmentNames(saving.record));
  for (const prefix of [...retired, ...unfinished]) {
    const files = bundles.get(prefix);
    if (files !== undefined && !used.has(prefix)) orphans.push(...blobsOf(prefix, files));
  }
  for (const { prefix } of records) {
    const files = bundles.get(prefix);
    if (files === undefined || files.data.size < 2 || !isOwnPrefix(naming, prefix)) continue;
    const shards = await shardCountOf(backend, prefix);
    if (shards !== undefined) orphans.push(...strayData(prefix, files, shards));
  }
  return orphans;
};

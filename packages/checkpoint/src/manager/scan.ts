import { posix, win32 } from 'node:path';
import { explain, reasonOf } from '@elistimator/internal';
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
import { attachmentNames, prefixOfStaged } from './attachments';
import { type CheckpointNaming, isOwnPrefix, stepOf } from './checkpoint-name';
import type { CheckpointState } from './checkpoint-state';
import { applyCommit, isCommitted } from './commit';
import { withoutRecords, withParents } from './lineage';
import {
  type CheckpointMetadata,
  type CheckpointRecord,
  isAttachmentSuffix,
  metadataOf,
} from './metadata';
import { describeMissingMetadata, readTexts, type StoredTexts } from './stored-texts';

/** The contents of a backend at one point in time. */
export interface BackendScan extends CheckpointMetadata {
  /** The existing files of every checkpoint, complete or not, listed or not. */
  readonly bundles: ReadonlyMap<string, BundleFiles>;
  /** Prefixes in the manager's own naming whose save was interrupted. */
  readonly unfinished: readonly string[];
  readonly names: readonly string[];
  /** True if a save was committed but the steps after its commit are missing. */
  readonly needsCompletion: boolean;
  /** What is wrong, as sentences for the user. */
  readonly problems: readonly string[];
  /** What is known of `elistimator_meta`. */
  readonly source: StoredTexts['metadata'];
  /** The checkpoint that the file `checkpoint` names; undefined if there is none. */
  readonly statedLatest: string | undefined;
}

/**
 * The step of a checkpoint whose name contains none: TensorFlow's tensor `global_step`. Undefined if it has none.
 *
 * @throws CorruptCheckpointError if it is damaged
 */
const readGlobalStep = async (
  backend: CheckpointBackend,
  prefix: string,
): Promise<number | undefined> => {
  const reader = await openCheckpoint(prefix, { backend });
  if (!reader.has('global_step')) return undefined;
  const { dtype, data } = await reader.read('global_step');
  if (dtype !== 'int64' && dtype !== 'int32') return undefined;
  const step = Number(data[0]);
  return Number.isSafeInteger(step) && step >= 0 ? step : undefined;
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
 * Puts checkpoints in the order in which they were saved: by the `checkpoint` file, which names the one saved last;
 * those that it does not name, by step before them and before recorded ones.
 */
const inOrderOfSaving = (
  recorded: readonly CheckpointRecord[],
  unrecorded: readonly CheckpointRecord[],
  state: CheckpointState | undefined,
): CheckpointRecord[] => {
  const order = [...(state?.all ?? []), ...(state === undefined ? [] : [state.latest])].map(baseOf);
  const positionOf = ({ prefix }: CheckpointRecord) => order.lastIndexOf(prefix);
  const [named, others] = [true, false].map((isNamed) =>
    unrecorded.filter((record) => positionOf(record) >= 0 === isNamed),
  );
  const later = (named ?? []).sort((a, b) => positionOf(a) - positionOf(b));
  const ordered = [...(others ?? []), ...recorded, ...later];
  // A checkpoint of the same step is listed once: the recorded one, or else the manager's own.
  const chosen = new Map<number, CheckpointRecord>();
  for (const record of [...recorded, ...unrecorded])
    if (!chosen.has(record.globalStep)) chosen.set(record.globalStep, record);
  return ordered.filter((record) => chosen.get(record.globalStep) === record);
};

const describeIncomplete = (
  backend: CheckpointBackend,
  prefix: string,
  { index, data }: BundleFiles,
): string => {
  const counts = [...data].map(([shards, names]) => `${names.length} of ${shards} data files`);
  const found = [...(index ? ['the index'] : []), ...counts];
  return explain({
    subject: `checkpoint ${backend.resolve(prefix)}`,
    expected: 'its index and all data files',
    actual: `only ${found.join(' and ')}`,
    fix: 'It is not listed. Copy the missing files again, or delete the others.',
  });
};

/**
 * Finds the complete checkpoints of a backend and their metadata.
 *
 * Checkpoints that `elistimator_meta` records take precedence, including one that was committed by an interrupted
 * save. Other complete checkpoints, such as TensorFlow's, are added unless their prefix is retired. Damaged metadata
 * counts as missing, and is reported.
 *
 * @param now the saving time of checkpoints for which it is unknown, in milliseconds since the epoch
 * @param earlier the times that were assumed before, by prefix: they stay the same
 */
export const scan = async (
  backend: CheckpointBackend,
  naming: CheckpointNaming,
  now: number,
  earlier: ReadonlyMap<string, number>,
): Promise<BackendScan> => {
  const { names, metadata: source, state, problems } = await readTexts(backend);
  const stored = source.kind === 'intact' ? source.contents : metadataOf(now);
  const { saving } = stored;
  const needsCompletion = saving !== undefined && (await isCommitted(backend, saving));
  const metadata = needsCompletion ? applyCommit(stored, saving) : stored;

  const bundles = groupBundles(names);
  const exists = (prefix: string) => {
    const files = bundles.get(prefix);
    return files !== undefined && isComplete(files);
  };
  const recorded = withoutRecords(withParents(metadata.records), ({ prefix }) => !exists(prefix));
  const listed = new Set(recorded.map(({ prefix }) => prefix));
  // If no recorded checkpoint exists any more, the retired ones are listed again.
  const retired = new Set(recorded.length > 0 ? metadata.retired : []);
  const everRecorded = new Set([
    ...metadata.records.map(({ prefix }) => prefix),
    ...metadata.damaged,
  ]);
  const times = timesFrom(state);

  const unrecorded: CheckpointRecord[] = [];
  const incomplete: string[] = [];
  for (const [prefix, files] of bundles) {
    if (listed.has(prefix) || retired.has(prefix)) continue;
    if (!isComplete(files)) {
      // Data files without an index are the remains of an interrupted save, unless they were recorded.
      if (files.index || everRecorded.has(prefix)) {
        problems.push(describeIncomplete(backend, prefix, files));
      }
      incomplete.push(prefix);
      continue;
    }
    try {
      const globalStep = stepOf(prefix) ?? (await readGlobalStep(backend, prefix));
      if (globalStep === undefined) continue;
      unrecorded.push({
        globalStep,
        prefix,
        savedAt: times.get(prefix) ?? earlier.get(prefix) ?? now,
      });
    } catch (error) {
      problems.push(reasonOf(error));
    }
  }
  unrecorded.sort(byStep(naming));
  const isOwn = ({ prefix }: CheckpointRecord) => isOwnPrefix(naming, prefix);
  if (source.kind === 'missing' && unrecorded.some(isOwn))
    problems.push(describeMissingMetadata(backend));

  const damaged = incomplete.filter((prefix) => everRecorded.has(prefix));
  // Without metadata, a checkpoint that lost its index looks like an interrupted first save.
  const hasOrphans = source.kind === 'intact' || (source.kind === 'missing' && bundles.size === 1);
  const unfinished = incomplete.filter(
    (prefix) =>
      hasOrphans &&
      isOwnPrefix(naming, prefix) &&
      !everRecorded.has(prefix) &&
      bundles.get(prefix)?.index === false,
  );
  return {
    ...metadata,
    records: withParents(inOrderOfSaving(recorded, unrecorded, state)),
    retired: [...retired],
    damaged,
    saving,
    bundles,
    unfinished,
    names,
    needsCompletion,
    problems: Object.freeze(problems),
    source,
    statedLatest: state && baseOf(state.latest),
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

const filesOf = (bundles: BackendScan['bundles'], prefix: string): readonly string[] => {
  const files = bundles.get(prefix);
  return files === undefined ? [] : blobsOf(prefix, files);
};

/** The blobs that interrupted saves and deletions left behind, excluding files of other programs. */
export const orphansOf = async (
  backend: CheckpointBackend,
  naming: CheckpointNaming,
  { bundles, records, retired, unfinished, names, saving, stale, source }: BackendScan,
): Promise<string[]> => {
  // A staged attachment may be the only one of its checkpoint, which damaged metadata cannot tell.
  if (source.kind !== 'intact') return unfinished.flatMap((prefix) => filesOf(bundles, prefix));
  const orphans = names.filter((name) => {
    const prefix = prefixOfStaged(name);
    return prefix !== undefined && isOwnPrefix(naming, prefix);
  });
  const used = new Set(records.flatMap((record) => [record.prefix, ...attachmentNames(record)]));
  orphans.push(...stale.filter((name) => isOwnAttachment(naming, name) && !used.has(name)));
  if (saving !== undefined && unfinished.includes(saving.record.prefix))
    orphans.push(...attachmentNames(saving.record));
  for (const prefix of [...retired, ...unfinished])
    if (!used.has(prefix)) orphans.push(...filesOf(bundles, prefix));
  for (const { prefix } of records) {
    const files = bundles.get(prefix);
    if (files === undefined || files.data.size < 2 || !isOwnPrefix(naming, prefix)) continue;
    const shards = await shardCountOf(backend, prefix);
    if (shards !== undefined) orphans.push(...strayData(prefix, files, shards));
  }
  return orphans;
};

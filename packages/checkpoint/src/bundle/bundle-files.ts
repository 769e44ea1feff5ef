import { basename, dirname, resolve } from 'node:path';
import { assertBlobName, type CheckpointBackend } from '../backends/checkpoint-backend';
import { fileSystemBackend } from '../backends/file-system';

const five = (value: number): string => String(value).padStart(5, '0');

/** A checkpoint's index: the file whose presence makes it a checkpoint. */
export const indexName = (prefix: string): string => `${prefix}.index`;

/** One of a checkpoint's data files. Source: `DataFilename` in TensorFlow's `naming.cc`. */
export const shardName = (prefix: string, shard: number, shards: number): string =>
  `${prefix}.data-${five(shard)}-of-${five(shards)}`;

/** The names of all data files of a checkpoint. */
export const shardNames = (prefix: string, shards: number): string[] =>
  Array.from({ length: shards }, (_, shard) => shardName(prefix, shard, shards));

/** What a blob's name says of it: an index, a data file, or undefined for anything else. */
export type BundleFile =
  | { readonly kind: 'index'; readonly prefix: string }
  | {
      readonly kind: 'data';
      readonly prefix: string;
      readonly shard: number;
      readonly shards: number;
    };

export const parseBundleName = (name: string): BundleFile | undefined => {
  if (name.endsWith('.index') && name.length > 6)
    return { kind: 'index', prefix: name.slice(0, -6) };
  const [, prefix, shard, shards] = /^(.+)\.data-(\d{5,})-of-(\d{5,})$/s.exec(name) ?? [];
  if (prefix === undefined) return undefined;
  const file = { kind: 'data', prefix, shard: Number(shard), shards: Number(shards) } as const;
  const regular = file.shard < file.shards && shardName(prefix, file.shard, file.shards) === name;
  return regular ? file : undefined;
};

/** A checkpoint: a backend and the prefix of its blobs there. */
export interface Location {
  readonly backend: CheckpointBackend;
  readonly prefix: string;
}

/**
 * Where a checkpoint lies: in the given backend under the given name, or, without one, at a path.
 *
 * @throws InvalidBlobNameError
 */
export const locate = (prefix: string, backend?: CheckpointBackend): Location => {
  if (backend !== undefined) {
    assertBlobName(prefix);
    return { backend, prefix };
  }
  // resolve() would drop a slash at the end, and with it the sign that a directory was given.
  assertBlobName(/[/\\]$/.test(prefix) ? '' : basename(prefix));
  const path = resolve(prefix);
  return { backend: fileSystemBackend(dirname(path)), prefix: basename(path) };
};

/** The files of one checkpoint, as far as their names tell. */
export interface BundleFiles {
  readonly index: boolean;
  /** The data files that are there, by their count. */
  readonly data: ReadonlyMap<number, readonly string[]>;
}

interface Growing {
  index: boolean;
  readonly data: Map<number, string[]>;
}

/** Sorts the names of blobs by the checkpoint that they belong to. */
export const groupBundles = (names: Iterable<string>): Map<string, BundleFiles> => {
  const bundles = new Map<string, Growing>();
  for (const name of names) {
    const file = parseBundleName(name);
    if (file === undefined) continue;
    const bundle = bundles.get(file.prefix) ?? { index: false, data: new Map<number, string[]>() };
    bundles.set(file.prefix, bundle);
    if (file.kind === 'index') {
      bundle.index = true;
    } else {
      const set = bundle.data.get(file.shards) ?? [];
      set.push(name);
      bundle.data.set(file.shards, set);
    }
  }
  return bundles;
};

/** Whether an index and every data file of at least one set are there. */
export const isComplete = ({ index, data }: BundleFiles): boolean =>
  index && [...data].some(([shards, names]) => names.length === shards);

/**
 * The blobs of a checkpoint in the order in which to delete them: without its index it is none, and as long as
 * there is data, what is left of a deletion that was cut off is recognised. Attachments are not among them.
 */
export const blobsOf = (prefix: string, files: BundleFiles): string[] => [
  ...(files.index ? [indexName(prefix)] : []),
  ...[...files.data.values()].flat(),
];

/** The data files that do not belong to the set that the index names. */
export const strayData = (prefix: string, files: BundleFiles, shards: number): string[] => {
  const live = new Set(shardNames(prefix, shards));
  return [...files.data.values()].flat().filter((name) => !live.has(name));
};

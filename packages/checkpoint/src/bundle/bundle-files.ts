import { basename, dirname } from 'node:path';
import { describeArgument, pathOf } from '@elistimator/internal';
import {
  assertBackend,
  assertBlobName,
  type CheckpointBackend,
} from '../backends/checkpoint-backend';
import { fileSystemBackend } from '../backends/file-system';
import { InvalidBlobNameError } from '../errors';

/** The location of a checkpoint: a backend and the common prefix of its blobs. */
export interface Location {
  readonly backend: CheckpointBackend;
  readonly prefix: string;
}

/**
 * Locates a checkpoint by its name in a backend, or by its path or `file:` URL if there is no backend.
 *
 * @throws InvalidBlobNameError; ArgumentError for another URL
 */
export const locate = (prefix: string | URL, backend?: CheckpointBackend): Location => {
  if (backend !== undefined) {
    assertBackend(backend);
    if (typeof prefix === 'string') assertBlobName(prefix);
    else throw new InvalidBlobNameError(String(prefix), describeArgument(prefix));
    return { backend, prefix };
  }
  // Resolving removes a trailing slash, which would hide that the path is a directory.
  if (typeof prefix === 'string') assertBlobName(/[/\\]$/.test(prefix) ? '' : basename(prefix));
  const path = pathOf(prefix, 'checkpoint prefix');
  assertBlobName(basename(path));
  return { backend: fileSystemBackend(dirname(path)), prefix: basename(path) };
};

const fiveDigits = (value: number): string => String(value).padStart(5, '0');

/** A checkpoint's index. Without this file there is no checkpoint. */
export const indexName = (prefix: string): string => `${prefix}.index`;

/** One of a checkpoint's data files. Source: `DataFilename` in TensorFlow's `naming.cc`. */
export const shardName = (prefix: string, shard: number, shards: number): string =>
  `${prefix}.data-${fiveDigits(shard)}-of-${fiveDigits(shards)}`;

export const shardNames = (prefix: string, shards: number): string[] =>
  Array.from({ length: shards }, (_, shard) => shardName(prefix, shard, shards));

/** The parts of a bundle file's name. */
export type BundleFileName =
  | { readonly kind: 'index'; readonly prefix: string }
  | {
      readonly kind: 'data';
      readonly prefix: string;
      readonly shard: number;
      readonly shards: number;
    };

/** Parses the name of an index or data file; undefined for any other name. */
export const parseBundleName = (name: string): BundleFileName | undefined => {
  if (name.endsWith('.index') && name.length > 6)
    return { kind: 'index', prefix: name.slice(0, -6) };
  const [, prefix, shard, shards] = /^(.+)\.data-(\d{5,})-of-(\d{5,})$/s.exec(name) ?? [];
  if (prefix === undefined) return undefined;
  const file = { kind: 'data', prefix, shard: Number(shard), shards: Number(shards) } as const;
  const isCanonical =
    file.shard < file.shards && shardName(prefix, file.shard, file.shards) === name;
  return isCanonical ? file : undefined;
};

/** The files of one checkpoint that exist. */
export interface BundleFiles {
  readonly index: boolean;
  /** The names of existing data files, by the number of shards in the name. */
  readonly data: ReadonlyMap<number, readonly string[]>;
}

/** Groups blob names by the checkpoint that they belong to. */
export const groupBundles = (names: Iterable<string>): Map<string, BundleFiles> => {
  const bundles = new Map<string, { index: boolean; readonly data: Map<number, string[]> }>();
  for (const name of names) {
    const file = parseBundleName(name);
    if (file === undefined) continue;
    const bundle = bundles.get(file.prefix) ?? { index: false, data: new Map<number, string[]>() };
    bundles.set(file.prefix, bundle);
    if (file.kind === 'index') {
      bundle.index = true;
    } else {
      const shardSet = bundle.data.get(file.shards) ?? [];
      shardSet.push(name);
      bundle.data.set(file.shards, shardSet);
    }
  }
  return bundles;
};

/** True if the index and every data file of at least one set exist. */
export const isComplete = ({ index, data }: BundleFiles): boolean =>
  index && [...data].some(([shards, names]) => names.length === shards);

/**
 * The blobs of a checkpoint, without attachments, in the order in which to delete them. The index comes first, so
 * that the remains of an interrupted deletion are not mistaken for a checkpoint.
 */
export const blobsOf = (prefix: string, files: BundleFiles): string[] => [
  ...(files.index ? [indexName(prefix)] : []),
  ...[...files.data.values()].flat(),
];

/** The data files that are not part of the set that the index refers to. */
export const strayData = (prefix: string, files: BundleFiles, shards: number): string[] => {
  const indexed = new Set(shardNames(prefix, shards));
  return [...files.data.values()].flat().filter((name) => !indexed.has(name));
};

import { indexName, parseBundleName, shardNames } from '../bundle/bundle-names';

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

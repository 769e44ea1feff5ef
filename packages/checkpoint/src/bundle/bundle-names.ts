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

import { fromBinary } from '@bufbuild/protobuf';
import { reasonOf } from '@elistimator/internal';
import {
  type BundleEntryProto,
  BundleEntryProtoSchema,
  BundleHeaderProto_Endianness,
  BundleHeaderProtoSchema,
  fixedLayouts,
  type TensorShapeProto,
} from '@elistimator/protos';
import { Malformed } from '../bytes';
import { CorruptCheckpointError, UnsupportedCheckpointError } from '../errors';
import { readTable } from '../table/table-reader';
import { type CheckpointDType, checkpointDTypeOf, elementCount } from '../tensor';
import type { SliceExtent } from './slices';

/** The position of a tensor's bytes, and their masked CRC-32C. */
export interface Extent {
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  readonly checksum: number;
}

/** A tensor as the index describes it, validated as far as the index alone allows. */
export interface BundleEntry {
  /** Undefined for a type that this package does not read. */
  readonly dtype: CheckpointDType | undefined;
  /** TensorFlow's number for the type. */
  readonly type: number;
  readonly shape: readonly number[];
  readonly extent: Extent;
  /** Not empty for a partitioned variable, whose values are stored under the keys of its slices. */
  readonly slices: readonly (readonly SliceExtent[])[];
}

/** The verified contents of an index file. */
export interface BundleIndex {
  readonly shards: number;
  readonly bigEndian: boolean;
  /** By name, in the order of the names' UTF-8 bytes. */
  readonly variables: ReadonlyMap<string, BundleEntry>;
  /** The slices of partitioned variables, by the base64 of their keys. */
  readonly slices: ReadonlyMap<string, BundleEntry>;
}

/** The version of the format that this package reads and writes. */
export const BUNDLE_VERSION = 1;

/** The names of data files have room for five digits. */
const MOST_SHARDS = 99_999;

/** TensorFlow's limit, `TensorShape::MaxDimensions`. */
const MOST_DIMENSIONS = 254;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const toNumber = (value: bigint, description: string): number => {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER))
    throw new Malformed(`${description} from 0 to 2^53 - 1`, `${value}`);
  return Number(value);
};

const shapeOf = (proto: TensorShapeProto | undefined): readonly number[] => {
  if (proto?.unknownRank) throw new Malformed('a shape', 'an unknown rank');
  const shape = (proto?.dim ?? []).map((dim) => toNumber(dim.size, 'a dimension'));
  if (shape.length > MOST_DIMENSIONS)
    throw new Malformed(`at most ${MOST_DIMENSIONS} dimensions`, `${shape.length}`);
  if (elementCount(shape) === undefined)
    throw new Malformed('fewer than 2^53 elements', `[${shape}]`);
  return shape;
};

const slicesOf = (proto: BundleEntryProto): SliceExtent[][] =>
  proto.slices.map((slice) =>
    slice.extent.map(({ start, hasLength }) => ({
      start: toNumber(start, 'a slice start'),
      length: hasLength.case === 'length' ? toNumber(hasLength.value, 'a slice length') : undefined,
    })),
  );

const assertSize = ({ dtype, shape, extent, slices }: BundleEntry): void => {
  if (dtype === undefined || dtype === 'string' || slices.length > 0) return;
  const expected = (elementCount(shape) ?? 0) * fixedLayouts[dtype].size;
  if (extent.size !== expected)
    throw new Malformed(`${expected} bytes for ${dtype} [${shape}]`, `${extent.size} bytes`);
};

/**
 * Decodes one entry of the index.
 *
 * @param shards the number of data files according to the header
 * @throws Malformed if the entry contradicts itself or the header
 */
const decodeEntry = (bytes: Uint8Array, shards: number): BundleEntry => {
  const proto = fromBinary(BundleEntryProtoSchema, bytes);
  const entry = {
    dtype: checkpointDTypeOf(proto.dtype),
    type: proto.dtype,
    shape: shapeOf(proto.shape),
    extent: {
      shard: proto.shardId,
      offset: toNumber(proto.offset, 'an offset'),
      size: toNumber(proto.size, 'a size'),
      checksum: proto.crc32c,
    },
    slices: slicesOf(proto),
  };
  if (proto.shardId < 0 || proto.shardId >= shards)
    throw new Malformed(`a data file from 0 to ${shards - 1}`, `${proto.shardId}`);
  assertSize(entry);
  return entry;
};

/** Runs a decoder and turns its errors into ones that name the file and the tensor. */
const decodeNamed = <T>(file: string, tensor: string | undefined, decode: () => T): T => {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof Malformed)
      throw new CorruptCheckpointError(file, tensor, cause.expected, cause.actual, { cause });
    // An error of protobuf or TextDecoder.
    throw new CorruptCheckpointError(file, tensor, 'a well-formed entry', reasonOf(cause), {
      cause,
    });
  }
};

const readHeader = (file: string, value: Uint8Array) => {
  const header = decodeNamed(file, undefined, () => fromBinary(BundleHeaderProtoSchema, value));
  const { numShards, version } = header;
  if (numShards < 1 || numShards > MOST_SHARDS) {
    throw new CorruptCheckpointError(
      file,
      undefined,
      `1 to ${MOST_SHARDS} data files`,
      `${numShards}`,
    );
  }
  if (
    (version?.minConsumer ?? 0) > BUNDLE_VERSION ||
    version?.badConsumers.includes(BUNDLE_VERSION)
  ) {
    throw new UnsupportedCheckpointError(
      file,
      undefined,
      `a checkpoint that readers of format version ${BUNDLE_VERSION} may open`,
      `one that requires version ${version?.minConsumer} or excludes version ${BUNDLE_VERSION}`,
      'Save it again with an older version of TensorFlow.',
    );
  }
  return { shards: numShards, bigEndian: header.endianness === BundleHeaderProto_Endianness.BIG };
};

/** Tensors must not share bytes, so that all of them together need no more memory than the data files. */
const assertDisjoint = (
  file: string,
  entries: readonly (readonly [string, BundleEntry])[],
): void => {
  const stored = entries.filter(([, { extent, slices }]) => slices.length === 0 && extent.size > 0);
  stored.sort(([, { extent: a }], [, { extent: b }]) => a.shard - b.shard || a.offset - b.offset);
  let previous = { shard: -1, end: 0 };
  for (const [name, { extent }] of stored) {
    if (extent.shard === previous.shard && extent.offset < previous.end) {
      throw new CorruptCheckpointError(
        file,
        name,
        `an offset of at least ${previous.end}`,
        `${extent.offset}, which is inside another tensor`,
      );
    }
    previous = { shard: extent.shard, end: extent.offset + extent.size };
  }
};

/**
 * Reads an index file.
 *
 * @param file its location, for errors
 * @param bytes the contents of the file
 * @throws CorruptCheckpointError, UnsupportedCheckpointError
 */
export const readBundleIndex = (file: string, bytes: Uint8Array): BundleIndex => {
  const rows = decodeNamed(file, undefined, () => [...readTable(bytes)]);
  const [first, ...rest] = rows;
  if (first === undefined || first[0].length > 0) {
    const actual = first === undefined ? 'no entries' : 'another entry';
    throw new CorruptCheckpointError(file, undefined, 'a header in the first entry', actual);
  }
  const header = readHeader(file, first[1]);
  const variables = new Map<string, BundleEntry>();
  const slices = new Map<string, BundleEntry>();
  for (const [key, value] of rest) {
    // Keys of slices start with a zero byte; names of variables cannot.
    const isSlice = key[0] === 0;
    const name = isSlice ? undefined : decodeNamed(file, undefined, () => utf8.decode(key));
    const entry = decodeNamed(file, name, () => decodeEntry(value, header.shards));
    if (name === undefined) slices.set(Buffer.from(key).toString('base64'), entry);
    else variables.set(name, entry);
  }
  assertDisjoint(file, [...variables, ...slices]);
  return { ...header, variables, slices };
};

import { fromBinary } from '@bufbuild/protobuf';
import {
  type BundleEntryProto,
  BundleEntryProtoSchema,
  BundleHeaderProto_Endianness,
  BundleHeaderProtoSchema,
  type TensorShapeProto,
} from '@elistimator/protos';
import { Malformed } from '../bytes';
import { type CheckpointDType, dtypeOf, fixedLayouts } from '../dtypes';
import { CorruptCheckpointError, UnsupportedCheckpointError } from '../errors';
import { readTable } from '../table/table-reader';
import { elementCount } from '../tensor';
import type { SliceExtent } from './slices';

/** What an index file says, every block of it verified. */
export interface BundleIndex {
  readonly shards: number;
  readonly bigEndian: boolean;
  /** By name, in the order of the names' bytes. */
  readonly variables: ReadonlyMap<string, BundleEntry>;
  /** By the base64 of their keys: the slices of partitioned variables. */
  readonly slices: ReadonlyMap<string, BundleEntry>;
}

/** The version of the format that this package writes and reads. */
export const BUNDLE_VERSION = 1;

/** Names of data files have room for five digits. */
const MOST_SHARDS = 99_999;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Turns what a decoder throws into an error that names the file and the tensor. */
const naming = <T>(file: string, tensor: string | undefined, decode: () => T): T => {
  try {
    return decode();
  } catch (cause) {
    if (cause instanceof Malformed) {
      throw new CorruptCheckpointError(file, tensor, cause.expected, cause.actual, { cause });
    }
    // What protobuf and TextDecoder throw at bytes that are none of theirs.
    const actual = cause instanceof Error ? cause.message : String(cause);
    throw new CorruptCheckpointError(file, tensor, 'a well-formed entry', actual, { cause });
  }
};

const readHeader = (file: string, value: Uint8Array) => {
  const header = naming(file, undefined, () => fromBinary(BundleHeaderProtoSchema, value));
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
      `a checkpoint that version ${BUNDLE_VERSION} of the format may read`,
      `one that asks for at least ${version?.minConsumer}`,
      'Save it again with an older TensorFlow.',
    );
  }
  return { shards: numShards, bigEndian: header.endianness === BundleHeaderProto_Endianness.BIG };
};

/** No two tensors share bytes: so all tensors together take no more memory than the data files. */
const assertApart = (file: string, entries: readonly (readonly [string, BundleEntry])[]): void => {
  const placed = entries.filter(([, { extent, slices }]) => slices.length === 0 && extent.size > 0);
  placed.sort(([, { extent: a }], [, { extent: b }]) => a.shard - b.shard || a.offset - b.offset);
  let previous = { shard: -1, end: 0 };
  for (const [name, { extent }] of placed) {
    if (extent.shard === previous.shard && extent.offset < previous.end) {
      throw new CorruptCheckpointError(
        file,
        name,
        `an offset of at least ${previous.end}`,
        `${extent.offset}, within another tensor`,
      );
    }
    previous = { shard: extent.shard, end: extent.offset + extent.size };
  }
};

/**
 * Reads an index file.
 *
 * @param file where it lies, for errors
 * @param bytes all of it
 * @throws CorruptCheckpointError, UnsupportedCheckpointError
 */
export const readBundleIndex = (file: string, bytes: Uint8Array): BundleIndex => {
  const rows = naming(file, undefined, () => [...readTable(bytes)]);
  const [first, ...rest] = rows;
  if (first === undefined || first[0].length > 0) {
    throw new CorruptCheckpointError(file, undefined, 'a header in the first entry', 'none');
  }
  const header = readHeader(file, first[1]);
  const variables = new Map<string, BundleEntry>();
  const slices = new Map<string, BundleEntry>();
  for (const [key, value] of rest) {
    if (key[0] === 0) {
      const id = Buffer.from(key).toString('base64');
      slices.set(
        id,
        naming(file, undefined, () => readBundleEntry(value, header.shards)),
      );
    } else {
      const name = naming(file, undefined, () => utf8.decode(key));
      variables.set(
        name,
        naming(file, name, () => readBundleEntry(value, header.shards)),
      );
    }
  }
  assertApart(file, [...variables, ...slices]);
  return { ...header, variables, slices };
};

/** Where a tensor's bytes lie, and their masked CRC-32C. */
export interface Extent {
  readonly shard: number;
  readonly offset: number;
  readonly size: number;
  readonly checksum: number;
}

/** A tensor as the index describes it, checked as far as the index alone allows. */
export interface BundleEntry {
  /** Undefined for a type that this package does not read; `type` is its number. */
  readonly dtype: CheckpointDType | undefined;
  readonly type: number;
  readonly shape: readonly number[];
  readonly extent: Extent;
  /** Not empty for a partitioned variable: its values lie under the slices' own keys. */
  readonly slices: readonly (readonly SliceExtent[])[];
}

/** TensorFlow's own limit, `TensorShape::MaxDimensions`. */
const MOST_DIMENSIONS = 254;

const toNumber = (value: bigint, what: string): number => {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new Malformed(`${what} of 0 to 2^53 - 1`, `${value}`);
  }
  return Number(value);
};

const shapeOf = (proto: TensorShapeProto | undefined): readonly number[] => {
  if (proto?.unknownRank) throw new Malformed('a shape', 'an unknown rank');
  const shape = (proto?.dim ?? []).map((dim) => toNumber(dim.size, 'a dimension'));
  if (shape.length > MOST_DIMENSIONS) {
    throw new Malformed(`at most ${MOST_DIMENSIONS} dimensions`, `${shape.length}`);
  }
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
  if (extent.size !== expected) {
    throw new Malformed(`${expected} bytes for ${dtype} [${shape}]`, `${extent.size} bytes`);
  }
};

/**
 * Reads one entry of the index.
 *
 * @param shards how many data files the checkpoint has
 * @throws Malformed when it contradicts itself or the header
 */
export const readBundleEntry = (bytes: Uint8Array, shards: number): BundleEntry => {
  const proto = fromBinary(BundleEntryProtoSchema, bytes);
  const entry = {
    dtype: dtypeOf(proto.dtype),
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
  if (proto.shardId < 0 || proto.shardId >= shards) {
    throw new Malformed(`a data file of 0 to ${shards - 1}`, `${proto.shardId}`);
  }
  assertSize(entry);
  return entry;
};

import { fromBinary } from '@bufbuild/protobuf';
import {
  type BundleEntryProto,
  BundleEntryProtoSchema,
  type TensorShapeProto,
} from '@elistimator/protos';
import { Malformed } from '../bytes/malformed';
import { type CheckpointDType, dtypeOf, fixedLayouts } from '../dtypes';
import { elementCount } from '../tensor';
import type { SliceExtent } from './slice-key';

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

import { create, toBinary } from '@bufbuild/protobuf';
import { BundleEntryProtoSchema, BundleHeaderProtoSchema } from '@elistimator/protos';
import { compareBytes } from '../bytes/compare-bytes';
import { dataTypeOf } from '../dtypes';
import { InvalidTensorError } from '../errors';
import { type TableEntry, writeTable } from '../table';
import type { WritableTensor } from '../tensor';
import { BUNDLE_VERSION } from './bundle-index';
import { type EncodedTensor, encodeTensor } from './encode-tensor';

/** A tensor and where its bytes go. */
export interface Placed {
  readonly encoded: EncodedTensor;
  readonly shard: number;
  readonly offset: number;
}

/** @throws InvalidTensorError for one that does not make sense, or two of one name */
export const encodeAll = (tensors: readonly WritableTensor[]): EncodedTensor[] => {
  const names = new Set<string>();
  return tensors.map((tensor) => {
    const { name } = tensor;
    if (name === '' || name.startsWith('\0') || Buffer.from(name).toString() !== name) {
      throw new InvalidTensorError(
        name,
        'a name of whole Unicode text',
        JSON.stringify(name),
        'Rename it.',
      );
    }
    if (names.has(name)) {
      throw new InvalidTensorError(name, 'one tensor of this name', 'two', 'Names must be unique.');
    }
    names.add(name);
    return encodeTensor(tensor);
  });
};

/** Fills one data file after the other, in the order of the tensors. */
export const place = (tensors: readonly EncodedTensor[], shards: number): Placed[] => {
  const total = tensors.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  const offsets = new Array<number>(shards).fill(0);
  return tensors.map((encoded) => {
    const shard = total === 0 ? 0 : Math.min(shards - 1, Math.floor((before / total) * shards));
    const offset = offsets[shard] ?? 0;
    before += encoded.size;
    offsets[shard] = offset + encoded.size;
    return { encoded, shard, offset };
  });
};

/** The bytes of one data file. */
export function* partsOf(placed: readonly Placed[], shard: number): Generator<Uint8Array> {
  for (const { encoded, shard: own } of placed) if (own === shard) yield* encoded.parts();
}

const entryOf = ({ encoded, shard, offset }: Placed): TableEntry => {
  const { tensor, size } = encoded;
  const proto = create(BundleEntryProtoSchema, {
    dtype: dataTypeOf(tensor.dtype),
    shape: { dim: tensor.shape.map((length) => ({ size: BigInt(length) })) },
    shardId: shard,
    offset: BigInt(offset),
    size: BigInt(size),
    crc32c: encoded.checksum(),
  });
  return [Buffer.from(tensor.name), toBinary(BundleEntryProtoSchema, proto)];
};

/** The bytes of the index. The parts of every data file must have been taken before: their sums are in it. */
export const encodeIndex = (placed: readonly Placed[], shards: number): Uint8Array => {
  const header = create(BundleHeaderProtoSchema, {
    numShards: shards,
    version: { producer: BUNDLE_VERSION },
  });
  const entries = placed.map(entryOf).sort(([left], [right]) => compareBytes(left, right));
  return writeTable([[new Uint8Array(), toBinary(BundleHeaderProtoSchema, header)], ...entries]);
};

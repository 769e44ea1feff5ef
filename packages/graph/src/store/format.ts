import { create, toBinary } from '@bufbuild/protobuf';
import { crc32c, MetaGraphDefSchema } from '@elistimator/protos';
import { GraphFormatError } from '../ir/errors';

/**
 * The version of the format in which a graph is stored: a `tensorflow.MetaGraphDef`, which TensorFlow's
 * tools can parse. Version 2 has numbers that depend on dimensions other than the batch, and recurrences.
 *
 * - `meta_info_def`, the first field: the version as `meta_graph_version`, the tag {@link formatTag}, and
 *   the tag {@link checksumTag} followed by the CRC-32C of all later bytes in hexadecimal.
 * - `graph_def.node`: the operations in order of execution, with TensorFlow's name of the operation if it
 *   has one. `input` names the input tensors, and `dtype` is the type of the first output. The elements
 *   of a constant are the attribute `value`, as in TensorFlow. The attribute {@link detailsAttribute} is
 *   JSON with everything else; `detailsOf` in `to-bytes.ts` writes it.
 * - `signature_def`: the inputs and outputs of each signature.
 * - `collection_def`, under {@link updatesCollection} and the name of a signature: the variables that it
 *   assigns, each followed by the tensor that is its new value.
 * - `collection_def`, under {@link metadataCollection}: the caller's own texts, each after its name.
 */
export const formatVersion = 2;

const readableVersions = [1, formatVersion];

/** Whether this package reads a version of the format. */
export const isReadable = (version: string): boolean =>
  readableVersions.map(String).includes(version);

export const formatTag = 'elistimator';

export const checksumTag = 'crc32c:';

export const detailsAttribute = '_tfjs';

export const updatesCollection = 'elistimator/updates/';

export const metadataCollection = 'elistimator/metadata';

const checksumOf = (bytes: Uint8Array): string =>
  `${checksumTag}${crc32c(bytes).toString(16).padStart(8, '0')}`;

const headOf = (fields: Uint8Array, metaGraphVersion: string): Uint8Array => {
  const metaInfoDef = { metaGraphVersion, tags: [formatTag, checksumOf(fields)] };
  return toBinary(MetaGraphDefSchema, create(MetaGraphDefSchema, { metaInfoDef }));
};

/**
 * Puts `meta_info_def`, with the checksum of the other fields, before them: two encoded messages in a
 * row are one message.
 *
 * @param fields an encoded MetaGraphDef without `meta_info_def`
 */
export const withChecksum = (fields: Uint8Array, version = String(formatVersion)): Uint8Array => {
  const head = headOf(fields, version);
  const bytes = new Uint8Array(head.length + fields.length);
  bytes.set(head);
  bytes.set(fields, head.length);
  return bytes;
};

/** Whether the bytes are what {@link withChecksum} gave in this version. */
export const hasValidChecksum = (bytes: Uint8Array, version: string): boolean => {
  // Every head of a version has the same length, since checksums have one.
  const { length } = headOf(new Uint8Array(), version);
  const head = headOf(bytes.subarray(length), version);
  return head.every((byte, index) => byte === bytes[index]);
};

/** @throws GraphFormatError about a part of a stored graph */
export const failAt = (operation: string, expected: string, actual: unknown): never => {
  const text = JSON.stringify(actual) ?? String(actual);
  throw new GraphFormatError({
    subject: `operation "${operation.slice(0, 100)}" of the stored graph`,
    expected,
    actual: text.slice(0, 100),
    fix: 'The graph is damaged: use another copy.',
  });
};

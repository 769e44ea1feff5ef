import { create, toBinary } from '@bufbuild/protobuf';
import { crc32c, MetaGraphDefSchema } from '@elistimator/protos';
import { checksumTag, formatTag, formatVersion } from './format';

const checksumOf = (bytes: Uint8Array): string =>
  `${checksumTag}${crc32c(bytes).toString(16).padStart(8, '0')}`;

const headOf = (fields: Uint8Array, metaGraphVersion: string): Uint8Array => {
  const metaInfoDef = { metaGraphVersion, tags: [formatTag, checksumOf(fields)] };
  return toBinary(MetaGraphDefSchema, create(MetaGraphDefSchema, { metaInfoDef }));
};

/**
 * Puts `meta_info_def`, with the checksum of all that follows it, before the other fields: two encoded
 * messages in a row are one message.
 *
 * @param fields an encoded MetaGraphDef without `meta_info_def`
 */
export const seal = (fields: Uint8Array, version = String(formatVersion)): Uint8Array => {
  const head = headOf(fields, version);
  const sealed = new Uint8Array(head.length + fields.length);
  sealed.set(head);
  sealed.set(fields, head.length);
  return sealed;
};

/** Whether the bytes are all that were sealed in this version, and unchanged. */
export const isIntact = (bytes: Uint8Array): boolean => {
  // Every head of this version is as long as any other: the checksum has a fixed length.
  const length = headOf(new Uint8Array(), String(formatVersion)).length;
  const head = headOf(bytes.subarray(length), String(formatVersion));
  return head.every((byte, at) => byte === bytes[at]);
};

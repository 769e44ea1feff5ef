import { ByteReader, type ByteWriter, Malformed } from '../bytes';

export type TableEntry = readonly [key: Uint8Array, value: Uint8Array];

/** The position of a block in its file. `size` does not include the trailer. */
export interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/** Each block is followed by one byte of compression type and four bytes of masked CRC-32C. */
export const TRAILER_LENGTH = 5;
export const FOOTER_LENGTH = 48;
/** Two handles of two varints of at most ten bytes each. */
const HANDLES_LENGTH = 40;
const MAGIC = Uint8Array.of(0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb);

/** Compression types of blocks. Source: `CompressionType` in TensorFlow's `table_options.h`. */
export const Compression = { none: 0, snappy: 1 } as const;

export const writeHandle = (writer: ByteWriter, handle: BlockHandle): ByteWriter =>
  writer.varint(handle.offset).varint(handle.size);

export const readHandle = (reader: ByteReader): BlockHandle => ({
  offset: reader.varint(),
  size: reader.varint(),
});

/** The two blocks that a table's footer points to. */
export interface Footer {
  readonly metaindex: BlockHandle;
  readonly index: BlockHandle;
}

/** Appends a footer. Source: `Footer::EncodeTo` in TensorFlow's `format.cc`. */
export const writeFooter = (writer: ByteWriter, footer: Footer): ByteWriter => {
  const start = writer.length;
  writeHandle(writeHandle(writer, footer.metaindex), footer.index);
  return writer.push(new Uint8Array(start + HANDLES_LENGTH - writer.length)).push(MAGIC);
};

/** Reads the footer at the end of a table. @throws Malformed */
export const readFooter = (table: Uint8Array): Footer => {
  if (table.length < FOOTER_LENGTH)
    throw new Malformed(`a table of at least ${FOOTER_LENGTH} bytes`, `${table.length} bytes`);
  const footer = table.subarray(table.length - FOOTER_LENGTH);
  if (Buffer.compare(footer.subarray(HANDLES_LENGTH), MAGIC) !== 0)
    throw new Malformed('a table that ends with its magic number', 'other bytes');
  const reader = new ByteReader(footer.subarray(0, HANDLES_LENGTH));
  const handles = { metaindex: readHandle(reader), index: readHandle(reader) };
  if (reader.take(reader.remaining).some((byte) => byte !== 0))
    throw new Malformed('zeros after the block handles', 'other bytes');
  return handles;
};

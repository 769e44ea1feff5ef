import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A shared library's header, as the system's loader reads it. Source: the System V ABI, "Object Files". */
export interface ElfLibrary {
  /** The processor architecture as `process.arch` names it, or `machine <number>`. */
  readonly arch: string;
  /** The names of the libraries it is linked with. */
  readonly needed: readonly string[];
  /** Absolute directories in which the loader searches for libraries that it opens. */
  readonly searchPath: readonly string[];
}

/** Values of `e_machine`. */
const machines: Readonly<Record<number, string>> = {
  3: 'ia32',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
};
const segment = { load: 1, dynamic: 2 } as const;
const tag = { needed: 1, stringTable: 5, rpath: 15, runpath: 29 } as const;

/** TensorFlow's search paths, the longest strings, have a few thousand bytes. */
const maxStringLength = 1 << 16;

type Read = (position: number, length: number) => Buffer;

const number64 = (bytes: Buffer, offset: number): number => Number(bytes.readBigUInt64LE(offset));

/** True for the header of a 64-bit little-endian file with program headers of the usual size. */
const isElf64 = (header: Buffer): boolean =>
  header.length === 64 &&
  header.readUInt32BE(0) === 0x7f454c46 &&
  header[4] === 2 &&
  header[5] === 1 &&
  header.readUInt16LE(54) === 56;

const stringAt = (read: Read, position: number): string => {
  const bytes = read(position, maxStringLength);
  return bytes.toString('utf8', 0, bytes.indexOf(0));
};

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

const segmentsOf = (read: Read, header: Buffer): Segment[] => {
  const size = header.readUInt16LE(54);
  const table = read(number64(header, 32), size * header.readUInt16LE(56));
  return Array.from({ length: table.length / size }, (_, at) => {
    const entry = table.subarray(at * size);
    return {
      type: entry.readUInt32LE(0),
      offset: number64(entry, 8),
      address: number64(entry, 16),
      size: number64(entry, 32),
    };
  });
};

/** Returns a function that looks up the strings of the dynamic section by tag. */
const dynamicStrings = (read: Read, segments: readonly Segment[]) => {
  const dynamic = segments.find(({ type }) => type === segment.dynamic);
  const bytes = dynamic ? read(dynamic.offset, dynamic.size) : Buffer.alloc(0);
  const entries = Array.from({ length: Math.floor(bytes.length / 16) }, (_, at) => ({
    tag: number64(bytes, at * 16),
    value: number64(bytes, at * 16 + 8),
  }));
  const table = entries.find((entry) => entry.tag === tag.stringTable)?.value ?? 0;
  const loaded = segments.find(
    ({ type, address, size }) =>
      type === segment.load && address <= table && table < address + size,
  );
  const position = loaded ? table - loaded.address + loaded.offset : table;
  return (tagNumber: number): string[] =>
    entries
      .filter((entry) => entry.tag === tagNumber)
      .map(({ value }) => stringAt(read, position + value));
};

/**
 * Reads the header of a shared library.
 *
 * @throws Error if the file can't be read, is truncated, or isn't a 64-bit little-endian ELF file
 */
export const readElf = (file: string): ElfLibrary => {
  const descriptor = openSync(file, 'r');
  try {
    const read: Read = (position, length) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
    };
    const header = read(0, 64);
    if (!isElf64(header)) throw new Error('it is not a 64-bit shared library');
    const machine = header.readUInt16LE(18);
    const segments = segmentsOf(read, header);
    const { size: fileSize } = fstatSync(descriptor);
    // The loader accepts a truncated file, and the process crashes when it reads the missing part.
    if (
      segments.some(({ type, offset, size }) => type === segment.load && offset + size > fileSize)
    ) {
      throw new Error('it is truncated: its download or installation did not complete');
    }
    const strings = dynamicStrings(read, segments);
    const paths = [...strings(tag.runpath), ...strings(tag.rpath)].flatMap((all) => all.split(':'));
    const origin = dirname(file);
    return {
      arch: machines[machine] ?? `machine ${machine}`,
      needed: strings(tag.needed),
      searchPath: paths
        .filter((path) => path !== '')
        .map((path) => resolve(path.replace(/\$\{?ORIGIN\}?/g, origin))),
    };
  } finally {
    closeSync(descriptor);
  }
};

/** The header fields of a generated shared library. */
export interface ElfFacts {
  /** The value of `e_machine`: 62 for x86-64, 183 for AArch64. */
  readonly machine?: number;
  readonly needed?: readonly string[];
  readonly runpath?: string;
}

const hosts: Readonly<Partial<Record<string, number>>> = { x64: 62, arm64: 183 };

/** Generates the smallest shared library with a dynamic section, for this process's architecture by default. */
export const elfFile = ({
  machine = hosts[process.arch] ?? 0,
  needed = [],
  runpath,
}: ElfFacts = {}): Buffer => {
  const base = 0x10000;
  let strings = '\0';
  const intern = (text: string): number => {
    const at = strings.length;
    strings += `${text}\0`;
    return at;
  };
  const named: [number, number][] = [
    ...needed.map((name): [number, number] => [1, intern(name)]),
    ...(runpath === undefined ? [] : [[29, intern(runpath)] as [number, number]]),
  ];
  const dynamicAt = 64 + 2 * 56;
  const stringsAt = dynamicAt + (named.length + 2) * 16;
  const entries = [...named, [5, base + stringsAt], [0, 0]] as const;

  const file = Buffer.alloc(stringsAt + strings.length);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(3, 16);
  file.writeUInt16LE(machine, 18);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(2, 56);
  const segment = (at: number, type: number, offset: number, size: number): void => {
    file.writeUInt32LE(type, at);
    file.writeBigUInt64LE(BigInt(offset), at + 8);
    file.writeBigUInt64LE(BigInt(base + offset), at + 16);
    file.writeBigUInt64LE(BigInt(size), at + 32);
  };
  segment(64, 1, 0, file.length);
  segment(64 + 56, 2, dynamicAt, entries.length * 16);
  entries.forEach(([tag, value], at) => {
    file.writeBigUInt64LE(BigInt(tag), dynamicAt + at * 16);
    file.writeBigUInt64LE(BigInt(value), dynamicAt + at * 16 + 8);
  });
  file.write(strings, stringsAt, 'latin1');
  return file;
};

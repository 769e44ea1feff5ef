import { maskedCrc32c } from '@elistimator/protos';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter, compareBytes, Malformed } from '../bytes';
import { type BlockHandle, type TableEntry, writeFooter, writeHandle } from './table-format';
import { readTable } from './table-reader';
import { BlockBuilder, writeTable } from './table-writer';

const entries: fc.Arbitrary<TableEntry[]> = fc
  .uniqueArray(fc.tuple(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ maxLength: 40 })), {
    selector: ([key]) => Buffer.from(key).toString('hex'),
    maxLength: 120,
  })
  .map((all) => all.sort(([left], [right]) => compareBytes(left, right)));

const plain = (all: Iterable<TableEntry>) =>
  [...all].map(([key, value]) => [
    Buffer.from(key).toString('hex'),
    Buffer.from(value).toString('hex'),
  ]);

/** A table of one block with the given contents and valid checksums. */
const tableOf = (block: Uint8Array, type = 0): Uint8Array => {
  const writer = new ByteWriter();
  const store = (contents: Uint8Array, kind: number): BlockHandle => {
    const handle = { offset: writer.length, size: contents.length };
    const stored = Uint8Array.of(...contents, kind);
    writer.push(stored).uint32(maskedCrc32c(stored));
    return handle;
  };
  const index = new BlockBuilder(1);
  index.add([Uint8Array.of(0xff, 0xff), writeHandle(new ByteWriter(), store(block, type)).bytes()]);
  const metaindex = store(new BlockBuilder(1).finish(), 0);
  return writeFooter(writer, { metaindex, index: store(index.finish(), 0) }).bytes();
};

describe('tables', () => {
  it('round-trip in one or many blocks', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 500 }), (all, blockLength) => {
        expect(plain(readTable(writeTable(all, { blockLength })))).toEqual(plain(all));
      }),
    );
  });

  it('close a block at 262,144 bytes, like TensorFlow', () => {
    const all = Array.from({ length: 6000 }, (_, index): TableEntry => {
      const name = `model/layer_with_a_rather_long_name_${String(index).padStart(6, '0')}`;
      return [Buffer.from(name), new Uint8Array(40).fill(index)];
    });
    const table = writeTable(all);
    expect([...readTable(table)]).toHaveLength(6000);
    expect(table.length).toBeGreaterThan(262_144);
  });

  it('can have blocks compressed with snappy', () => {
    const block = new BlockBuilder(16);
    block.add([Buffer.from('a'), Buffer.from('1')]);
    const contents = block.finish();
    const literal = Uint8Array.of(contents.length, (contents.length - 1) << 2, ...contents);
    expect(plain(readTable(tableOf(literal, 1)))).toEqual([['61', '31']]);
  });

  it('are rejected for blocks of an unknown type, unordered keys, and excessively long keys', () => {
    const one = new BlockBuilder(16);
    one.add([Buffer.from('a'), Buffer.from('1')]);
    expect(() => [...readTable(tableOf(one.finish(), 2))]).toThrow('a block type of 0');
    const two = new BlockBuilder(16);
    two.add([Buffer.from('b'), Buffer.from('1')]);
    two.add([Buffer.from('a'), Buffer.from('1')]);
    expect(() => [...readTable(tableOf(two.finish()))]).toThrow('keys in ascending order');
    const bomb = new ByteWriter().varint(0).varint(50_000).varint(0).push(new Uint8Array(50_000));
    for (let index = 0; index < 1000; index++)
      bomb
        .varint(50_000 + index)
        .varint(1)
        .varint(0)
        .push([1]);
    bomb.uint32(0).uint32(1);
    expect(() => [...readTable(tableOf(bomb.bytes()))]).toThrow('keys in proportion to the table');
  });

  it('are rejected at every flipped bit and every truncation', () => {
    const table = writeTable(
      Array.from(
        { length: 20 },
        (_, index): TableEntry => [Buffer.from(`key-${index + 10}`), Buffer.from('v')],
      ),
      { blockLength: 100 },
    );
    for (let at = 0; at < table.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = table.slice();
        damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
        expect(() => [...readTable(damaged)], `byte ${at}, bit ${bit}`).toThrow(Malformed);
      }
      expect(() => [...readTable(table.subarray(0, at))]).toThrow(Malformed);
    }
  });

  it('yield entries or throw Malformed for any block with a valid checksum', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(3), (block, type) => {
        try {
          return [...readTable(tableOf(block, type))].length >= 0;
        } catch (error) {
          return error instanceof Malformed;
        }
      }),
      { numRuns: 3000 },
    );
  });
});

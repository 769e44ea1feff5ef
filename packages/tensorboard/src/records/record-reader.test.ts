import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/temporary-directory';
import { CorruptEventFileError } from '../errors';
import { RecordQueue } from './record-queue';
import { readRecords } from './record-reader';

const payloads = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 12 });

const framed = (records: Uint8Array[]) => {
  const queue = new RecordQueue();
  for (const record of records) queue.append(record);
  return Buffer.concat(queue.take());
};

/** The records of a file before its end, or before an error. */
const readAll = async (path: string, bytes: Uint8Array) => {
  writeFileSync(path, bytes);
  const read: Uint8Array[] = [];
  try {
    for await (const { payload } of readRecords(path)) read.push(payload);
  } catch (error) {
    return { read, error };
  }
  return { read };
};

/** The number of records that end at or before a position. */
const completeBefore = (records: Uint8Array[], position: number) => {
  let end = 0;
  return records.filter((record) => {
    end += record.length + 16;
    return end <= position;
  }).length;
};

describe('readRecords', () => {
  it('reads the complete records of a truncated file without an error', async () => {
    const path = join(temporaryDirectory(), 'tfevents');
    await fc.assert(
      fc.asyncProperty(
        payloads,
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (records, at) => {
          const bytes = framed(records);
          const length = Math.floor(bytes.length * at);
          const { read, error } = await readAll(path, bytes.subarray(0, length));
          expect(error).toBeUndefined();
          expect(read).toEqual(records.slice(0, completeBefore(records, length)));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('reads the records before a damaged one, then throws its position', async () => {
    const path = join(temporaryDirectory(), 'tfevents');
    const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    await fc.assert(
      fc.asyncProperty(
        payloads,
        place,
        fc.integer({ min: 1, max: 255 }),
        async (records, at, mask) => {
          const bytes = framed(records);
          const damaged = Math.floor(bytes.length * at);
          bytes[damaged] = Number(bytes[damaged]) ^ mask;
          const { read, error } = await readAll(path, bytes);
          const intact = records.slice(0, completeBefore(records, damaged));
          expect(read).toEqual(intact);
          expect(error).toBeInstanceOf(CorruptEventFileError);
          expect(error).toMatchObject({ path, offset: framed(intact).length });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('reads nothing from an empty file', async () => {
    const path = join(temporaryDirectory(), 'tfevents');
    expect(await readAll(path, new Uint8Array())).toEqual({ read: [] });
  });
});

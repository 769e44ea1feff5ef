import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect } from '../../test/collect';
import { temporaryDirectory } from '../../test/temporary-directory';
import { RecordQueue } from './record-queue';
import { readRecords } from './record-reader';

const payloads = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.integer({ min: 0, max: 70_000 }).map((length) => new Uint8Array(length).fill(length)),
  ),
  { maxLength: 12 },
);

describe('RecordQueue', () => {
  it('returns every record once, in order, however often it is emptied', async () => {
    const file = join(temporaryDirectory(), 'tfevents');
    await fc.assert(
      fc.asyncProperty(payloads, fc.nat(12), async (records, middle) => {
        const queue = new RecordQueue();
        const taken: Uint8Array[] = [];
        let size = 0;
        for (const [i, record] of records.entries()) {
          queue.append(record);
          size += record.length + 16;
          expect(queue.size).toBe(size);
          if (i !== middle) continue;
          taken.push(...queue.take());
          size = 0;
        }
        taken.push(...queue.take());
        expect(queue.size).toBe(0);
        expect(queue.take()).toEqual([]);
        writeFileSync(file, Buffer.concat(taken));
        const read = await collect(readRecords(file));
        expect(read.map(({ payload }) => Buffer.from(payload).toString('hex'))).toEqual(
          records.map((record) => Buffer.from(record).toString('hex')),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('does not change bytes that it returned', () => {
    const queue = new RecordQueue();
    queue.append(new Uint8Array([1, 2, 3]));
    const [taken = new Uint8Array()] = queue.take();
    const before = taken.slice();
    for (let i = 0; i < 5000; i++) queue.append(new Uint8Array(20).fill(i));
    expect(taken).toEqual(before);
  });
});

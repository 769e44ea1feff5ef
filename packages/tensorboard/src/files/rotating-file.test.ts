import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/temporary-directory';
import { RECORD_OVERHEAD_BYTES } from '../records/framing';
import { RecordQueue } from '../records/record-queue';
import { createEventFile } from './event-file';
import { RotatingFile } from './rotating-file';

const framed = (payloads: Uint8Array[]) => {
  const queue = new RecordQueue();
  for (const payload of payloads) queue.append(payload);
  return Buffer.concat(queue.take());
};

const header = framed([Uint8Array.of(0)]);
const open = (folder: string, maxBytes: number) => {
  const create = (number: number) => createEventFile(join(folder, String(number)));
  return new RotatingFile(create(0), maxBytes, header, create);
};
const contents = (folder: string) =>
  readdirSync(folder)
    .sort((a, b) => Number(a) - Number(b))
    .map((name, i) => {
      const bytes = readFileSync(join(folder, name));
      if (i > 0) expect(bytes.subarray(0, header.length)).toEqual(header);
      return i > 0 ? bytes.subarray(header.length) : bytes;
    });

describe('RotatingFile', () => {
  it('keeps records complete and in order, and limits the size of files', async () => {
    const payload = fc.uint8Array({ maxLength: 60 });
    const batch = fc.tuple(fc.array(payload, { minLength: 1, maxLength: 8 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 20, max: 300 }),
        async (batches, maxBytes) => {
          const folder = temporaryDirectory();
          const file = open(folder, maxBytes);
          const written: Buffer[] = [];
          let position = 0;
          for (const [payloads, isSync] of batches) {
            const bytes = framed(payloads);
            if (isSync) file.writeSync(bytes, position);
            else await file.write(bytes, position);
            // Repeats the write, as when the process exits.
            file.writeSync(bytes, position);
            position += bytes.length;
            written.push(bytes);
          }
          await file.close();
          expect(Buffer.concat(contents(folder))).toEqual(Buffer.concat(written));
          const largest = 60 + RECORD_OVERHEAD_BYTES + header.length;
          for (const name of readdirSync(folder)) {
            expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(
              Math.max(maxBytes, largest),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('fails if the next file cannot be created', async () => {
    const folder = temporaryDirectory();
    const file = new RotatingFile(createEventFile(join(folder, '0')), 40, header, () => {
      throw new Error('EMFILE');
    });
    const bytes = framed([new Uint8Array(20), new Uint8Array(20)]);
    await expect(file.write(bytes, 0)).rejects.toThrow('EMFILE');
    await file.close();
  });
});

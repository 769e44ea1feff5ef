import { create, toBinary } from '@bufbuild/protobuf';
import { BundleEntryProtoSchema, BundleHeaderProtoSchema } from '@elistimator/protos';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes } from '../src/bytes';
import { memoryBackend, openCheckpoint } from '../src/index';
import { writeTable } from '../src/table/table-writer';
import { endsWell, fuzzing } from './fuzzing';

const int64 = fc.oneof(
  fc.bigInt({ min: -2n, max: 40n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n - 1n),
);

const int32 = fc.oneof(fc.integer({ min: -1, max: 3 }), fc.integer());

const entry = fc.record({
  dtype: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer()),
  dims: fc.array(int64, { maxLength: 4 }),
  shardId: fc.oneof(fc.constant(0), int32),
  offset: int64,
  size: int64,
  crc32c: fc.nat(0xffffffff),
  slices: fc.array(fc.array(fc.tuple(int64, fc.option(int64)), { maxLength: 4 }), { maxLength: 3 }),
});

/** Unique keys in ascending order, including slices' keys and invalid UTF-8. */
const rows = fc.uniqueArray(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 6 }), entry), {
  selector: ([key]) => Buffer.from(key).toString('hex'),
  maxLength: 6,
});

describe('hostile checkpoints', () => {
  it(
    'with valid checksums and any numbers cause only named errors, and use no more memory than their data',
    async () => {
      const header = fc.record({
        numShards: fc.oneof(fc.constant(1), int32),
        endianness: fc.nat(1),
      });
      await fc.assert(
        fc.asyncProperty(
          header,
          rows,
          fc.uint8Array({ maxLength: 60 }),
          async (head, all, data) => {
            const backend = memoryBackend();
            const entries = all
              .map(([key, { dims, slices, ...rest }]) => {
                const proto = create(BundleEntryProtoSchema, {
                  ...rest,
                  shape: { dim: dims.map((size) => ({ size })) },
                  slices: slices.map((extents) => ({
                    extent: extents.map(([start, length]) => ({
                      start,
                      hasLength:
                        length === null
                          ? { case: undefined, value: undefined }
                          : { case: 'length' as const, value: length },
                    })),
                  })),
                });
                return [key, toBinary(BundleEntryProtoSchema, proto)] as const;
              })
              .sort(([left], [right]) => compareBytes(left, right));
            const first = toBinary(BundleHeaderProtoSchema, create(BundleHeaderProtoSchema, head));
            await backend.write('m.index', writeTable([[new Uint8Array(), first], ...entries]));
            await backend.write('m.data-00000-of-00001', data);
            await endsWell(async () => {
              const reader = await openCheckpoint('m', { backend });
              let taken = 0;
              for (const { name } of reader.variables()) {
                await endsWell(async () => {
                  const tensor = await reader.read(name);
                  taken += 'buffer' in tensor.data ? tensor.data.byteLength : 0;
                });
              }
              expect(taken).toBeLessThanOrEqual(data.length);
            });
          },
        ),
        { numRuns: fuzzing.numRuns },
      );
    },
    fuzzing.timeout,
  );

  it(
    'of any bytes cause only named errors',
    async () => {
      const bytes = fc.uint8Array({ maxLength: 200 });
      await fc.assert(
        fc.asyncProperty(bytes, bytes, async (index, data) => {
          const backend = memoryBackend();
          await backend.write('m.index', index);
          await backend.write('m.data-00000-of-00001', data);
          await endsWell(async () => {
            await (await openCheckpoint('m', { backend })).verify();
          });
        }),
        { numRuns: fuzzing.numRuns },
      );
    },
    fuzzing.timeout,
  );
});

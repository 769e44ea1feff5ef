import { create, toBinary } from '@bufbuild/protobuf';
import { BundleEntryProtoSchema, BundleHeaderProtoSchema } from '@elistimator/protos';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes } from '../src/bytes/compare-bytes';
import {
  CheckpointManager,
  CheckpointNotFoundError,
  CorruptCheckpointError,
  memoryBackend,
  openCheckpoint,
  UnsupportedCheckpointError,
} from '../src/index';
import { writeTable } from '../src/table';

/** `ELISTIMATOR_EXHAUSTIVE=1` goes through 100,000 cases of each kind. */
const numRuns = process.env.ELISTIMATOR_EXHAUSTIVE ? 100_000 : 2000;
const TIMEOUT = 1_200_000;

const isNamed = (error: unknown): boolean =>
  [CorruptCheckpointError, UnsupportedCheckpointError, CheckpointNotFoundError].some(
    (kind) => error instanceof kind,
  );

/** Whether work ends well or with one of our own errors; anything else fails the test and is shown. */
const endsWell = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!isNamed(error)) throw error;
  }
};

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

/** Keys as the table wants them: ascending, each once; slices' keys and broken UTF-8 among them. */
const rows = fc.uniqueArray(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 6 }), entry), {
  selector: ([key]) => Buffer.from(key).toString('hex'),
  maxLength: 6,
});

describe('hostile checkpoints', () => {
  it(
    'with sound checksums and any numbers give named errors, and no more memory than their data',
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
        { numRuns },
      );
    },
    TIMEOUT,
  );

  it(
    'of any bytes give named errors',
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
        { numRuns },
      );
    },
    TIMEOUT,
  );

  it(
    'with edited elistimator_meta and checkpoint files give named errors, and never a name outside',
    async () => {
      const origin = memoryBackend();
      const manager = new CheckpointManager({ backend: origin });
      for (const globalStep of [1, 2]) {
        const attachments = { '.meta': Buffer.from('graph') };
        await manager.save({
          globalStep,
          tensors: [],
          metrics: { loss: 0.5 },
          attachments,
          state: [1],
        });
      }
      const blobs = new Map<string, Uint8Array>();
      for (const name of await origin.list()) blobs.set(name, await origin.read(name));
      const edit = fc.record({
        file: fc.constantFrom('elistimator_meta', 'checkpoint'),
        at: fc.nat(900),
        remove: fc.nat(30),
        insert: fc.oneof(
          fc.uint8Array({ maxLength: 8 }).map((raw) => Buffer.from(raw)),
          fc
            .constantFrom('"', '{', ']', '"../../x"', '1e999', '-1', 'null', '\\', '"__proto__"')
            .map((text) => Buffer.from(text)),
        ),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
          const backend = memoryBackend();
          for (const [name, bytes] of blobs) await backend.write(name, bytes);
          for (const { file, at, remove, insert } of edits) {
            const bytes = Buffer.from(await backend.read(file));
            await backend.write(file, [bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
          }
          await endsWell(async () => {
            const again = new CheckpointManager({ backend });
            await again.open();
            for (const { file } of again.checkpoints.values()) {
              expect(file).toMatch(/^memory:\/model_iter-\d+$/);
              await endsWell(async () => {
                await again.read(file);
                await again.readAttachment(file, '.meta');
              });
            }
            await again.save({ globalStep: 9, tensors: [] });
          });
        }),
        { numRuns },
      );
    },
    TIMEOUT,
  );
});

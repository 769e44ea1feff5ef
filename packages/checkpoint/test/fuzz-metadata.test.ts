import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CheckpointBackend, CheckpointManager, memoryBackend } from '../src/index';
import { endsWell, fuzzing } from './fuzzing';

describe('hostile directories', () => {
  it(
    'with edited elistimator_meta and checkpoint files cause only named errors, and never use a name outside',
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
      /** The blobs after two saves, and in the middle of a third one that is committed but not completed. */
      const moments: (readonly (readonly [string, Uint8Array])[])[] = [];
      const note = async () => {
        const names = await origin.list();
        moments.push(
          await Promise.all(names.map(async (name) => [name, await origin.read(name)] as const)),
        );
      };
      await note();
      const noting: CheckpointBackend = {
        ...origin,
        write: async (name, data) => {
          await origin.write(name, data);
          if (name === 'model_iter-2.index') await note();
        },
      };
      await new CheckpointManager({ backend: noting }).save({
        globalStep: 2,
        tensors: [],
        attachments: { '.meta': Buffer.from('other graph') },
      });
      expect(moments).toHaveLength(2);
      const edit = fc.record({
        file: fc.constantFrom('elistimator_meta', 'checkpoint'),
        at: fc.nat(1400),
        remove: fc.nat(30),
        insert: fc.oneof(
          fc.uint8Array({ maxLength: 8 }).map((raw) => Buffer.from(raw)),
          fc
            .constantFrom('"', '{', ']', '"../../x"', '1e999', '-1', 'null', '\\', '"__proto__"')
            .map((text) => Buffer.from(text)),
        ),
      });
      const edits = fc.array(edit, { minLength: 1, maxLength: 3 });
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...moments), edits, async (blobs, all) => {
          const backend = memoryBackend();
          for (const [name, bytes] of blobs) await backend.write(name, bytes);
          for (const { file, at, remove, insert } of all) {
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
        { numRuns: fuzzing.numRuns },
      );
    },
    fuzzing.timeout,
  );
});

import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { EventSchema } from '@elistimator/protos';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hex } from '../../test/hex';
import { RecordQueue } from '../records/record-queue';
import { ScalarEncoder, varintSize, writeVarint } from './scalar-encoder';

const encode = (tag: string, value: number, step: number, wallTime: number, prefix = '') => {
  const queue = new RecordQueue();
  new ScalarEncoder(prefix).append(queue, tag, value, step, wallTime);
  return Uint8Array.from(Buffer.concat(queue.take()));
};

describe('ScalarEncoder', () => {
  it('writes the same record as TensorFlow', () => {
    expect(encode('loss', 0.5, 3, 1795422802.5)).toEqual(
      hex('1a00000000000000129bd82d090000a094fec0da4110032a0d0a0b0a046c6f7373150000003fc8bda1e5'),
    );
  });

  it('writes the same bytes as protobuf, for any tag, value and step', () => {
    const encoder = new ScalarEncoder('scope/');
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
        fc.float(),
        fc.oneof(fc.nat(300), fc.maxSafeInteger()),
        fc.double({ min: 1, max: 1e10, noNaN: true }),
        (tag, value, step, wallTime) => {
          const queue = new RecordQueue();
          encoder.append(queue, tag, value, step, wallTime);
          const record = Buffer.concat(queue.take());
          const event = create(EventSchema, {
            wallTime,
            step: BigInt(step),
            what: {
              case: 'summary',
              value: { value: [{ tag: `scope/${tag}`, value: { case: 'simpleValue', value } }] },
            },
          });
          expect(Uint8Array.from(record.subarray(12, -4))).toEqual(toBinary(EventSchema, event));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('supports any number of tags', () => {
    const queue = new RecordQueue();
    const encoder = new ScalarEncoder('');
    for (let i = 0; i < 10_000; i++) encoder.append(queue, `tag${i}`, i, i, 1);
    encoder.append(queue, 'tag0', 0.5, 1, 1);
    const written = Buffer.concat(queue.take());
    expect(written.subarray(-20).includes('tag0')).toBe(true);
  });
});

const safeInteger = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer(),
  fc.constantFrom(0, 127, 128, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);

describe('writeVarint', () => {
  it('writes the same bytes as protobuf', () => {
    fc.assert(
      fc.property(safeInteger, (value) => {
        const bytes = new Uint8Array(12);
        const end = writeVarint(bytes, 1, value);
        expect(bytes.subarray(1, end)).toEqual(new BinaryWriter().int64(BigInt(value)).finish());
        expect(end - 1).toBe(varintSize(value));
      }),
    );
  });
});

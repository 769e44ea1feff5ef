import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CorruptCheckpointError, UnsupportedCheckpointError } from '../errors';
import { type CheckpointMetadata, formatMetadata, parseMetadata } from './metadata';

const metadata: CheckpointMetadata = {
  startedAt: 1000,
  records: [
    {
      globalStep: 7,
      prefix: 'model_iter-7',
      savedAt: 2000,
      metrics: {
        loss: Number.NaN,
        up: Number.POSITIVE_INFINITY,
        down: Number.NEGATIVE_INFINITY,
        a: 0.1,
      },
      parent: null,
      attachments: { '.meta': 12 },
    },
    {
      globalStep: 9,
      prefix: 'model_iter-9',
      savedAt: 3000,
      parent: 7,
      isNonFinite: true,
      attachments: {},
    },
  ],
  retired: ['model_iter-1'],
  stale: ['model_iter-1.meta'],
  damaged: ['model_iter-5'],
  state: { signature: ['images'], round: 3 },
};

const parse = (text: string) => parseMetadata('elistimator_meta', text);

describe('elistimator_meta', () => {
  it('round-trips, including metrics that JSON cannot represent as numbers', () => {
    expect(parse(formatMetadata(metadata))).toEqual(metadata);
    const none = { ...metadata, records: [], damaged: [], state: undefined };
    expect(parse(formatMetadata(none))).toEqual(none);
  });

  it('round-trips every number', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string(),
          fc.double().filter((value) => !Object.is(value, -0)),
        ),
        (metrics) => {
          const records = [{ globalStep: 0, prefix: 'm-0', savedAt: 0, metrics, attachments: {} }];
          const [record] = parse(formatMetadata({ ...metadata, records })).records;
          expect(Object.entries(record?.metrics ?? {})).toEqual(Object.entries(metrics));
        },
      ),
    );
  });

  it.each([
    ['invalid JSON', '{', 'the file to be JSON'],
    ['another file', '{"format":"x"}', 'format to be'],
    [
      'a name outside the directory',
      edit('"model_iter-7"', '"../../etc/passwd"'),
      'prefix to be a plain file name',
    ],
    [
      'a retired name outside the directory',
      edit('"model_iter-1"', '"a/b"'),
      'retired to be a plain file name',
    ],
    [
      'a negative step',
      edit('"globalStep": 7', '"globalStep": -7'),
      'globalStep to be an integer of at least 0',
    ],
    ['a duplicate step', edit('"globalStep": 7', '"globalStep": 9'), 'one per global step'],
    ['a metric of another type', edit('"NaN"', '"high"'), 'metrics to be a number'],
    [
      'an attachment over the index',
      edit('".meta"', '".index"'),
      'attachments to be sums by suffixes',
    ],
  ])('rejects %s with an error that names it', (_, text, message) => {
    expect(() => parse(text)).toThrow(CorruptCheckpointError);
    expect(() => parse(text)).toThrow(message);
  });

  it('rejects a later version, but not as damaged', () => {
    expect(() => parse(edit('"version": 1', '"version": 2'))).toThrow(UnsupportedCheckpointError);
  });

  it('returns metadata or throws a named error for any JSON', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: false }), fc.anything(), (checkpoints, rest) => {
        const text = JSON.stringify(
          {
            format: 'elistimator-checkpoints',
            version: 1,
            startedAt: 0,
            checkpoints,
            retired: rest,
          },
          (_, value) => (typeof value === 'bigint' ? Number(value) : value),
        );
        try {
          return parse(text).records.length >= 0;
        } catch (error) {
          return error instanceof CorruptCheckpointError;
        }
      }),
    );
  });
});

function edit(from: string, to: string): string {
  return formatMetadata(metadata).replace(from, to);
}

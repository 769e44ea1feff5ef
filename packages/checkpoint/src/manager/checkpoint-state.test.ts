import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCheckpointState, parseCheckpointState } from './checkpoint-state';

describe('the checkpoint file', () => {
  it('has TensorFlow’s format', () => {
    expect(
      formatCheckpointState({ latest: 'm-2', all: ['m-1', 'm-2'], timestamps: [1.5, 2] }),
    ).toBe(
      [
        'model_checkpoint_path: "m-2"',
        'all_model_checkpoint_paths: "m-1"',
        'all_model_checkpoint_paths: "m-2"',
        'all_model_checkpoint_timestamps: 1.5',
        'all_model_checkpoint_timestamps: 2',
        '',
      ].join('\n'),
    );
  });

  it('round-trips any text in the paths', () => {
    const paths = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(paths, fc.double({ min: 0, max: 4e9, noNaN: true }), (all, lastPreserved) => {
        const state = {
          latest: all[0] ?? '',
          all,
          timestamps: all.map((_, at) => at + 0.25),
          lastPreserved,
        };
        expect(parseCheckpointState(formatCheckpointState(state))).toEqual(state);
      }),
    );
  });

  it('reads other notations', () => {
    const text =
      '# a comment\n model_checkpoint_path : \'a\\x62c\' ; all_model_checkpoint_paths:"x",\n#end';
    expect(parseCheckpointState(text)).toMatchObject({ latest: 'abc', all: ['x'], timestamps: [] });
  });

  it('rejects any other text, in linear time', () => {
    expect(parseCheckpointState('')).toBeUndefined();
    expect(parseCheckpointState('model_checkpoint_path: "a" }')).toBeUndefined();
    expect(parseCheckpointState('all_model_checkpoint_paths: "a"')).toBeUndefined();
    expect(parseCheckpointState(`${'#'.repeat(100_000)}\nx`)).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseCheckpointState(text);
        parseCheckpointState(`model_checkpoint_path: ${text}`);
      }),
    );
  });
});

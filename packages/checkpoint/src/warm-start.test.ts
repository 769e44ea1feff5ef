import { describe, expect, it } from 'vitest';
import { memoryBackend } from './backends/memory';
import { openCheckpoint } from './bundle/open-checkpoint';
import { writeCheckpoint } from './bundle/write-checkpoint';
import type { SavedVariable } from './tensor';
import { matchVariables, readMatches } from './warm-start';

const info = (name: string, shape: number[] = [2]): SavedVariable => ({
  name,
  dtype: 'float32',
  shape,
});

const checkpoint = [
  info('encoder/bias'),
  info('encoder/kernel'),
  info('head/kernel', [3]),
  info('step'),
];

describe('matchVariables', () => {
  it('matches tensors of the same name by default, and reports the rest', () => {
    const model = [info('encoder/kernel'), info('head/kernel', [5]), info('other')];
    expect(matchVariables(checkpoint, model)).toEqual({
      matched: [{ key: 'encoder/kernel', variable: 'encoder/kernel' }],
      mismatched: [
        {
          key: 'head/kernel',
          variable: 'head/kernel',
          expected: info('head/kernel', [5]),
          actual: info('head/kernel', [3]),
        },
      ],
      unmatched: ['head/kernel', 'other'],
      unused: ['encoder/bias', 'head/kernel', 'step'],
    });
  });

  it('maps scopes and names like init_from_checkpoint', () => {
    const model = [info('model/encoder/kernel'), info('top', [3]), info('model/encoder/new')];
    const report = matchVariables(checkpoint, model, {
      'encoder/': 'model/encoder/',
      'head/kernel': 'top',
    });
    expect(report.matched).toEqual([
      { key: 'encoder/kernel', variable: 'model/encoder/kernel' },
      { key: 'head/kernel', variable: 'top' },
    ]);
    expect(report.unmatched).toEqual(['model/encoder/new']);
    const rooted = [info('old/encoder/bias')];
    expect(matchVariables(checkpoint, rooted, { '/': 'old/' }).matched).toHaveLength(1);
    expect(
      matchVariables([info('old/encoder/bias')], [info('encoder/bias')], { 'old/': '/' }).matched,
    ).toHaveLength(1);
  });

  it('prefers names to scopes, and narrower scopes to wider ones, in any order', () => {
    const model = [info('encoder/kernel'), info('encoder/bias'), info('step')];
    const maps = [
      { '/': '/', 'old/': 'encoder/', 'encoder/bias': 'step' },
      { 'encoder/bias': 'step', 'old/': 'encoder/', '/': '/' },
    ];
    for (const map of maps) {
      const { matched, unmatched } = matchVariables([...checkpoint, info('old/bias')], model, map);
      expect(matched.map(({ key, variable }) => `${key} > ${variable}`).sort()).toEqual([
        'encoder/bias > step',
        'old/bias > encoder/bias',
      ]);
      expect(unmatched).toEqual(['encoder/kernel']);
    }
  });

  it('rejects unknown names and contradictory maps', () => {
    const match = (map: Record<string, string>) => () =>
      matchVariables(checkpoint, [info('a')], map);
    expect(match({ nope: 'a' })).toThrow('the tensor "nope"');
    expect(match({ step: 'nope' })).toThrow('the variable "nope"');
    expect(match({ 'encoder/': 'a' })).toThrow('two scopes or two names');
    expect(match({ step: 'a', 'encoder/bias': 'a' })).toThrow('one tensor for "a"');
    expect(match({ 'encoder/': '/', 'head/': '/' })).toThrow('one tensor for "a"');
  });
});

describe('readMatches', () => {
  it('reads matched tensors under the variables’ names', async () => {
    const backend = memoryBackend();
    const data = Float32Array.of(1, 2);
    await writeCheckpoint('model', [{ ...info('old/kernel'), dtype: 'float32', data }], {
      backend,
    });
    const reader = await openCheckpoint('model', { backend });
    const { matched } = matchVariables(reader.variables(), [info('kernel')], { 'old/': '/' });
    expect(await readMatches(reader, matched)).toEqual([{ ...info('kernel'), data }]);
  });
});

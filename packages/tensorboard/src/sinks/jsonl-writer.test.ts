import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/temporary-directory';
import { SummaryValueError } from '../errors';
import { JsonlWriter } from './jsonl-writer';

const clock = () => 10.5;
const objectsOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('JsonlWriter', () => {
  it('writes scalars, histograms and texts', async () => {
    const writer = new JsonlWriter(temporaryDirectory(), { clock });
    writer.scalar('loss', 0.5, 1);
    writer.scalars([{ tag: 'loss', value: Number.NaN, step: 2, wallTime: 11 }]);
    writer.histogram('kernel', { data: Float32Array.of(1, 1), shape: [2] }, 3);
    writer.images();
    writer.text('note', 'two\nlines', 4);
    await writer.close();
    const [first, second, histogram, text, ...rest] = objectsOf(writer.path);
    expect(first).toEqual({ wallTime: 10.5, step: 1, tag: 'loss', value: 0.5 });
    expect(second).toEqual({ wallTime: 11, step: 2, tag: 'loss', value: 'NaN' });
    expect(histogram).toMatchObject({ tag: 'kernel', step: 3 });
    expect(histogram.histogram).toHaveLength(30);
    expect(histogram.histogram.at(-1)).toEqual([1, 1, 2]);
    expect(text).toEqual({ wallTime: 10.5, step: 4, tag: 'note', text: 'two\nlines' });
    expect(rest).toEqual([]);
  });

  it('removes the lines at the purge step and later', async () => {
    const logDir = temporaryDirectory();
    await using first = new JsonlWriter(logDir, { clock });
    for (const step of [1, 2, 3]) first.scalar('loss', step, step);
    await first.flush();
    await using second = new JsonlWriter(logDir, { clock, purgeStep: 3 });
    second.scalar('loss', 9, 3);
    await second.flush();
    expect(objectsOf(second.path).map(({ value }) => value)).toEqual([1, 2, 9]);
  });

  it('rejects values that are not finite, and steps that are not integers', async () => {
    await using writer = new JsonlWriter(temporaryDirectory());
    expect(() => writer.histogram('kernel', [Number.NaN], 1)).toThrow(SummaryValueError);
    expect(() => writer.text('note', 'x', 0.5)).toThrow('"note"');
  });
});

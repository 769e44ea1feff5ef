import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/temporary-directory';
import { SummaryOptionError, SummaryValueError, WriterClosedError } from '../errors';
import { CsvWriter } from './csv-writer';

const clock = () => 10.5;
const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n');

describe('CsvWriter', () => {
  it('writes scalars only', async () => {
    const writer = new CsvWriter(join(temporaryDirectory(), 'run'), { clock });
    writer.scalar('loss', 0.5, 1);
    writer.scalars([
      { tag: 'a, "b"', value: Number.NaN, step: 2, wallTime: 11 },
      { tag: 'loss', value: -Infinity, step: -3 },
    ]);
    writer.histogram();
    writer.images();
    writer.text();
    await writer.flush();
    expect(linesOf(writer.path)).toEqual([
      'wall_time,step,tag,value',
      '10.5,1,loss,0.5',
      '11,2,"a, ""b""",NaN',
      '10.5,-3,loss,-Infinity',
      '',
    ]);
    await writer.close();
    expect(() => writer.scalar('loss', 1, 1)).toThrow(WriterClosedError);
  });

  it('continues a file, without an incomplete last line and without purged steps', async () => {
    const logDir = temporaryDirectory();
    const first = new CsvWriter(logDir, { clock });
    for (const step of [1, 2, 3]) first.scalar('loss', step, step);
    await first.close();
    appendFileSync(first.path, '10.5,4,lo');
    const second = new CsvWriter(logDir, { clock });
    second.scalar('loss', 4, 4);
    await second.close();
    expect(linesOf(first.path).slice(-3)).toEqual(['10.5,3,loss,3', '10.5,4,loss,4', '']);
    const third = new CsvWriter(logDir, { clock, purgeStep: 2 });
    third.scalar('loss', 9, 2);
    await third.close();
    expect(linesOf(first.path)).toEqual([
      'wall_time,step,tag,value',
      '10.5,1,loss,1',
      '10.5,2,loss,9',
      '',
    ]);
  });

  it('rejects tags of several lines, and invalid options', async () => {
    const logDir = temporaryDirectory();
    await using writer = new CsvWriter(logDir, { clock, fileName: 'a.csv' });
    expect(() => writer.scalar('a\nb', 1, 1)).toThrow(SummaryValueError);
    expect(() => new CsvWriter(logDir, { purgeStep: 0.5 })).toThrow(SummaryOptionError);
    expect(() => new CsvWriter(logDir, { flushSecs: 0 })).toThrow('flushSecs');
  });
});

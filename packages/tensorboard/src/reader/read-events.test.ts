import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { collect } from '../../test/collect';
import { temporaryDirectory } from '../../test/temporary-directory';
import { RecordQueue } from '../records/record-queue';
import { SummaryWriter } from '../writer/summary-writer';
import { readEvents } from './read-events';

const writeRun = async (logDir: string, seconds: number, steps: number[]) => {
  const writer = new SummaryWriter(logDir, { clock: () => seconds });
  for (const step of steps) writer.scalar('loss', 1, step);
  await writer.close();
  return writer.path;
};

const stepsOf = async (fileOrDir: string) =>
  (await collect(readEvents(fileOrDir)))
    .filter(({ what }) => what.case === 'summary')
    .map(({ step }) => Number(step));

describe('readEvents', () => {
  it('reads the event files of a run in the order of their names, and no other files', async () => {
    const logDir = temporaryDirectory();
    await writeRun(logDir, 200, [3, 4]);
    const first = await writeRun(logDir, 100, [1, 2]);
    writeFileSync(join(logDir, 'notes.txt'), 'not an event file');
    mkdirSync(join(logDir, 'another-run'));
    expect(await stepsOf(logDir)).toEqual([1, 2, 3, 4]);
    expect(await stepsOf(first)).toEqual([1, 2]);
  });

  it('continues with the next file after a truncated one', async () => {
    const logDir = temporaryDirectory();
    const first = await writeRun(logDir, 100, [1, 2]);
    await writeRun(logDir, 200, [3]);
    truncateSync(first, 150);
    expect(await stepsOf(logDir)).toEqual([1, 3]);
  });

  it('throws the position of a record that is not an event', async () => {
    const path = join(temporaryDirectory(), 'tfevents');
    const queue = new RecordQueue();
    queue.append(Uint8Array.of(0xff));
    writeFileSync(path, Buffer.concat(queue.take()));
    await expect(collect(readEvents(path))).rejects.toThrow(
      `"${path}", record at byte 0: expected an intact event, got data that is not an event`,
    );
  });

  it('rejects a missing file', async () => {
    await expect(collect(readEvents('/no/such/run'))).rejects.toThrow('ENOENT');
  });

  it('follows a growing file and new files until it is aborted', async () => {
    const logDir = temporaryDirectory();
    const writer = new SummaryWriter(logDir, { clock: () => 100 });
    writer.scalar('loss', 1, 1);
    await writer.flush();
    const stop = new AbortController();
    const steps: number[] = [];
    const options = { follow: true, pollSecs: 0.01, signal: stop.signal };
    // Actions that run after the event of a step was read.
    const actions: Record<number, () => Promise<unknown>> = {
      1: async () => {
        // A record that is appended in two parts.
        const bytes = readFileSync(await writeRun(temporaryDirectory(), 100, [2]));
        const record = bytes.subarray(16 + Number(bytes.readBigUInt64LE(0)));
        appendFileSync(writer.path, record.subarray(0, 20));
        await sleep(50);
        appendFileSync(writer.path, record.subarray(20));
      },
      2: () => writeRun(logDir, 200, [3]),
      // The first file can still grow.
      3: async () =>
        appendFileSync(writer.path, readFileSync(await writeRun(temporaryDirectory(), 100, [4]))),
      4: async () => stop.abort(),
    };
    for await (const { what, step } of readEvents(logDir, options)) {
      if (what.case !== 'summary') continue;
      steps.push(Number(step));
      void actions[Number(step)]?.();
    }
    expect(steps).toEqual([1, 2, 3, 4]);
    await writer.close();
  });

  it('stops at once if it is aborted, and rejects invalid intervals', async () => {
    const logDir = temporaryDirectory();
    await writeRun(logDir, 100, [1]);
    const signal = AbortSignal.abort();
    expect(await collect(readEvents(logDir, { follow: true, signal }))).toEqual([]);
    await expect(collect(readEvents(logDir, { pollSecs: 0 }))).rejects.toThrow('pollSecs');
  });
});

import { setImmediate as tick } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EventWriteError, WriterClosedError } from '../errors';
import { RecordQueue } from '../records/record-queue';
import { BackgroundWriter } from './background-writer';
import type { EventFile } from './event-file';

/** A file in memory whose writes finish when `release` is called. */
class HeldFile implements EventFile {
  content = Buffer.alloc(0);
  isClosed = false;
  syncWrites = 0;
  readonly pending: (() => void)[] = [];
  failure: Error | undefined;

  write(bytes: Uint8Array, position: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.pending.push(() => {
        if (this.failure) reject(this.failure);
        else resolve(this.#put(bytes, position));
      });
    });
  }

  writeSync(bytes: Uint8Array, position: number): void {
    if (this.failure) throw this.failure;
    this.syncWrites += 1;
    this.#put(bytes, position);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** Finishes all writes, including those that follow. */
  async release(): Promise<void> {
    for (let i = 0; i < 10; i++) {
      for (const finish of this.pending.splice(0)) finish();
      await tick();
    }
  }

  #put(bytes: Uint8Array, position: number): void {
    const size = Math.max(this.content.length, position + bytes.length);
    this.content = Buffer.concat([this.content, Buffer.alloc(size - this.content.length)]);
    this.content.set(bytes, position);
  }
}

const RECORD = 100;
const payload = (fill: number) => new Uint8Array(RECORD - 16).fill(fill);
/** The first byte of each payload in a file. */
const fills = (content: Buffer) =>
  Array.from({ length: content.length / RECORD }, (_, i) => content[i * RECORD + 12]);

const open = (limits = {}) => {
  const file = new HeldFile();
  const all = { flushBytes: 2 * RECORD, flushSecs: 1, maxQueueBytes: 5 * RECORD, ...limits };
  const writer = new BackgroundWriter('events', file, all, new RecordQueue());
  const record = (fill: number) => {
    writer.assertUsable();
    writer.queue.append(payload(fill));
    writer.scheduleWrite();
  };
  return { file, writer, record };
};

afterEach(() => {
  vi.useRealTimers();
});

describe('BackgroundWriter', () => {
  it('writes once enough bytes are queued, one write at a time, in order', async () => {
    const { file, writer, record } = open();
    record(1);
    expect(file.pending).toHaveLength(0);
    for (const fill of [2, 3, 4, 5]) record(fill);
    expect(file.pending).toHaveLength(1);
    await file.release();
    const flushed = writer.flush();
    await file.release();
    await flushed;
    expect(fills(file.content)).toEqual([1, 2, 3, 4, 5]);
    expect(file.syncWrites).toBe(0);
    await writer.close();
  });

  it('writes a few bytes after flushSecs', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { file, writer, record } = open();
    record(1);
    vi.advanceTimersByTime(999);
    expect(file.pending).toHaveLength(0);
    vi.advanceTimersByTime(1);
    expect(file.pending).toHaveLength(1);
    // A record that is queued during the write starts a new timer.
    record(2);
    await file.release();
    vi.advanceTimersByTime(1000);
    await file.release();
    expect(fills(file.content)).toEqual([1, 2]);
    await writer.close();
  });

  it('makes the caller write if the queue exceeds its limit', async () => {
    const { file, writer, record } = open();
    for (let fill = 0; fill < 20; fill++) record(fill);
    expect(file.pending).toHaveLength(1);
    expect(file.syncWrites).toBeGreaterThan(0);
    expect(writer.queue.size).toBeLessThanOrEqual(5 * RECORD);
    const closed = writer.close();
    await file.release();
    await closed;
    expect(fills(file.content)).toEqual(Array.from({ length: 20 }, (_, fill) => fill));
  });

  it('flushes records that were queued during a write', async () => {
    const { file, writer, record } = open();
    for (const fill of [1, 2, 3]) record(fill);
    const flushed = writer.flush();
    await file.release();
    await flushed;
    expect(fills(file.content)).toEqual([1, 2, 3]);
    await writer.close();
  });

  it('throws a failure at the next call and at every later one', async () => {
    const { file, writer, record } = open();
    file.failure = new Error('ENOSPC: no space left on device');
    record(1);
    record(2);
    await file.release();
    const expected = expect.objectContaining({ name: 'EventWriteError', cause: file.failure });
    expect(() => record(3)).toThrow(expected);
    expect(() => record(3)).toThrow('no space left');
    await expect(writer.flush()).rejects.toThrow(EventWriteError);
    await expect(writer.close()).rejects.toThrow(EventWriteError);
    expect(file.isClosed).toBe(true);
  });

  it('rejects a flush that waits for a failing write', async () => {
    const { file, writer, record } = open();
    file.failure = new Error('EIO');
    record(1);
    const flushed = expect(writer.flush()).rejects.toThrow('EIO');
    await file.release();
    await flushed;
    await expect(writer.close()).rejects.toThrow('EIO');
  });

  it('waits for tracked writes, and throws their failure like any other', async () => {
    const { writer, record } = open();
    let finish = () => {};
    writer.trackWrite(
      new Promise((resolve) => {
        finish = resolve;
      }),
    );
    let isFlushed = false;
    const flushed = writer.flush().then(() => {
      isFlushed = true;
    });
    await tick();
    expect(isFlushed).toBe(false);
    finish();
    await flushed;
    writer.trackWrite(Promise.reject(new Error('EACCES')));
    await tick();
    expect(() => record(1)).toThrow('EACCES');
    await expect(writer.close()).rejects.toThrow(EventWriteError);
  });

  it('repeats a pending write when the process exits', async () => {
    const { file, writer, record } = open();
    for (const fill of [1, 2, 3]) record(fill);
    expect(file.pending).toHaveLength(1);
    writer.flushSync();
    expect(fills(file.content)).toEqual([1, 2, 3]);
    const closed = writer.close();
    await file.release();
    await closed;
  });

  it('finishes a pending flush when it is closed', async () => {
    const { file, writer, record } = open();
    record(1);
    const done = Promise.all([writer.flush(), writer.close()]);
    await file.release();
    await done;
    expect(fills(file.content)).toEqual([1]);
  });

  it('closes once, and rejects calls afterwards', async () => {
    const { file, writer, record } = open();
    record(1);
    const closed = Promise.all([writer.close(), writer.close()]);
    expect(() => record(2)).toThrow(WriterClosedError);
    await file.release();
    await closed;
    await writer.close();
    await expect(writer.flush()).rejects.toThrow('call after close()');
    expect(fills(file.content)).toEqual([1]);
  });

  it('shares one exit listener between all writers, and removes it after the last one', async () => {
    const before = process.listenerCount('exit');
    const writers = Array.from({ length: 20 }, () => open().writer);
    expect(process.listenerCount('exit')).toBe(before + 1);
    await Promise.all(writers.map((writer) => writer.close()));
    expect(process.listenerCount('exit')).toBe(before);
  });
});

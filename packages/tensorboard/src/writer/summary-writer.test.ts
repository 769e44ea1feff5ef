import { readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collect } from '../../test/collect';
import { temporaryDirectory } from '../../test/temporary-directory';
import {
  EventWriteError,
  SummaryOptionError,
  SummaryValueError,
  WriterClosedError,
} from '../errors';
import { readEvents } from '../reader/read-events';
import { readScalars } from '../reader/read-scalars';
import { SummaryWriter } from './summary-writer';

const identity = { clock: () => 1795422802.5, hostname: 'vm', pid: 9283 };

describe('SummaryWriter', () => {
  it('creates the directory and a file that TensorBoard finds', async () => {
    const logDir = join(temporaryDirectory(), 'a', 'b');
    const writer = new SummaryWriter(logDir, { ...identity, fileNameSuffix: '.v2' });
    expect(writer.logDir).toBe(logDir);
    expect(readdirSync(logDir)).toEqual([basename(writer.path)]);
    expect(basename(writer.path)).toMatch(/^events\.out\.tfevents\.1795422802\.vm\.9283\.\d+\.v2$/);
    await writer.close();
    const [first, ...rest] = await collect(readEvents(logDir));
    expect(first).toMatchObject({
      wallTime: 1795422802.5,
      step: 0n,
      what: { case: 'fileVersion', value: 'brain.Event:2' },
      sourceMetadata: { writer: 'tfjs-tensorboard-writer' },
    });
    expect(rest).toEqual([]);
  });

  it('does not overwrite an existing file', async () => {
    const logDir = temporaryDirectory();
    const first = new SummaryWriter(logDir, identity);
    const next = first.path.replace(/\d+$/, (counter) => String(Number(counter) + 1));
    writeFileSync(next, '');
    const second = new SummaryWriter(logDir, identity);
    expect(new Set([first.path, next, second.path]).size).toBe(3);
    await Promise.all([first.close(), second.close()]);
  });

  it('records scalars, with a given time or the current one', async () => {
    const logDir = temporaryDirectory();
    const writer = new SummaryWriter(logDir, identity);
    writer.scalar('loss', 0.5, 0);
    writer.scalar('loss', Number.NaN, 1, { wallTime: 5 });
    writer.scalars([
      { tag: 'loss', value: Infinity, step: 2 },
      { tag: 'accuracy', value: 0.25, step: 2, wallTime: 6 },
    ]);
    writer.scalar('loss', { shape: [], dtype: 'float32', dataSync: () => [1] }, -1);
    await writer.close();
    const wallTime = identity.clock();
    expect(await readScalars(logDir)).toEqual(
      new Map([
        [
          'loss',
          [
            { step: 0, value: 0.5, wallTime },
            { step: 1, value: Number.NaN, wallTime: 5 },
            { step: 2, value: Infinity, wallTime },
            { step: -1, value: 1, wallTime },
          ],
        ],
        ['accuracy', [{ step: 2, value: 0.25, wallTime: 6 }]],
      ]),
    );
  });

  it("supports the arguments of tfjs-node's writer", async () => {
    const logDir = temporaryDirectory();
    const writer = new SummaryWriter(logDir);
    writer.scalar('loss', 0.5, 1, 'what it **says**');
    writer.histogram('kernel', { shape: [2], data: [1, 2] }, 1, 5, 'weights');
    await writer.close();
    const [, scalar, histogram] = await collect(readEvents(logDir));
    expect(scalar?.what.value).toMatchObject({
      value: [{ tag: 'loss', metadata: { summaryDescription: 'what it **says**' } }],
    });
    expect(histogram?.what.value).toMatchObject({
      value: [
        {
          tag: 'kernel',
          metadata: { summaryDescription: 'weights' },
          value: { value: { tensorShape: { dim: [{ size: 5n }, { size: 3n }] } } },
        },
      ],
    });
  });

  it('prepends a prefix to the tags of all kinds', async () => {
    const logDir = temporaryDirectory();
    const writer = new SummaryWriter(logDir);
    const scoped = writer.withPrefix('a').withPrefix('b');
    scoped.scalar('scalar', 1, 1);
    scoped.scalar('described', 1, 1, { displayName: 'shown' });
    scoped.histogram('histogram', [1, 2], 1);
    scoped.image('image', { shape: [1, 1], data: [1] }, 1);
    scoped.text('text', '# heading', 1);
    await scoped.flush();
    const events = await collect(readEvents(logDir));
    const tags = events.flatMap(({ what }) =>
      what.case === 'summary' ? what.value.value.map(({ tag }) => tag) : [],
    );
    expect(tags).toEqual(['a/b/scalar', 'a/b/described', 'a/b/histogram', 'a/b/image', 'a/b/text']);
    await scoped.close();
    expect(() => writer.scalar('scalar', 1, 1)).toThrow(WriterClosedError);
  });

  it('can be read after a flush, and continues afterwards', async () => {
    const logDir = temporaryDirectory();
    const writer = new SummaryWriter(logDir);
    for (let step = 0; step < 5000; step++) writer.scalar('loss', step, step);
    await writer.flush();
    expect((await readScalars(logDir)).get('loss')).toHaveLength(5000);
    writer.scalar('loss', 1, 5000);
    await writer.close();
    expect((await readScalars(logDir)).get('loss')).toHaveLength(5001);
  });

  it('closes at the end of a block', async () => {
    const logDir = temporaryDirectory();
    const writer = new SummaryWriter(logDir);
    writer.graph(Uint8Array.of(10, 0));
    await writer[Symbol.asyncDispose]();
    expect(() => writer.scalar('loss', 1, 1)).toThrow(WriterClosedError);
    expect(() => writer.scalars([])).toThrow(WriterClosedError);
    expect(() => writer.text('text', '', 1)).toThrow(WriterClosedError);
    expect(() => writer.graph(new Uint8Array())).toThrow(WriterClosedError);
    await expect(writer.flush()).rejects.toThrow(WriterClosedError);
    const [, graph] = await collect(readEvents(logDir));
    expect(graph?.what).toEqual({ case: 'graphDef', value: Uint8Array.of(10, 0) });
  });

  it('names the tag of a value that it rejects', async () => {
    const writer = new SummaryWriter(temporaryDirectory());
    expect(() => writer.scalar('', 1, 1)).toThrow(SummaryValueError);
    expect(() => writer.scalar('loss', 1, 0.5)).toThrow(
      'Summary "loss": expected a step that is a safe integer, got 0.5',
    );
    expect(() => writer.scalar('loss', 1, 2 ** 53)).toThrow(SummaryValueError);
    expect(() => writer.scalar('loss', 1, 1, { wallTime: Number.NaN })).toThrow(
      'a finite wall time',
    );
    expect(() => writer.histogram('kernel', [Number.NaN], 1)).toThrow('Summary "kernel"');
    await writer.close();
  });

  it.each([
    [{ flushSecs: 0 }, 'flushSecs'],
    [{ flushSecs: 1e10 }, 'flushSecs'],
    [{ flushBytes: 0 }, 'flushBytes'],
    [{ maxQueueBytes: 10 }, 'maxQueueBytes'],
    [{ purgeStep: 0.5 }, 'purgeStep'],
  ])('rejects %j before it creates anything', (options, name) => {
    const logDir = join(temporaryDirectory(), 'run');
    const create = () => new SummaryWriter(logDir, options);
    expect(create).toThrow(SummaryOptionError);
    expect(create).toThrow(`Option "${name}"`);
    expect(() => readdirSync(logDir)).toThrow('ENOENT');
  });

  it('throws a failed write at the next call, whatever it records', async () => {
    const cause = new Error('ENOSPC: no space left on device, write');
    const writer = new SummaryWriter(temporaryDirectory(), {
      createFile: () => ({
        write: () => Promise.reject(cause),
        writeSync: () => {},
        close: async () => {},
      }),
    });
    writer.scalar('loss', 1, 1);
    await expect(writer.flush()).rejects.toMatchObject({ name: 'EventWriteError', cause });
    expect(() => writer.scalar('loss', 1, 2)).toThrow(EventWriteError);
    expect(() => writer.histogram('kernel', [1], 2)).toThrow(EventWriteError);
    expect(() => writer.graph(new Uint8Array())).toThrow(`"${writer.path}"`);
    await expect(writer.close()).rejects.toThrow('no space left on device');
  });

  it('throws at once if the directory cannot be created', () => {
    const file = join(temporaryDirectory(), 'file');
    writeFileSync(file, '');
    expect(() => new SummaryWriter(join(file, 'run'))).toThrow('ENOTDIR');
  });

  it('throws a failure of files next to the event file', async () => {
    const logDir = temporaryDirectory();
    writeFileSync(join(logDir, 'projector'), '');
    const writer = new SummaryWriter(logDir);
    writer.embedding('hidden', { data: [1], shape: [1, 1] }, 0);
    await expect(writer.flush()).rejects.toMatchObject({ name: 'EventWriteError' });
    expect(() => writer.scalar('loss', 1, 1)).toThrow(EventWriteError);
    await expect(writer.close()).rejects.toThrow(EventWriteError);
  });

  it('rejects files without any bytes', () => {
    expect(() => new SummaryWriter(temporaryDirectory(), { maxFileBytes: 0 })).toThrow(
      'maxFileBytes',
    );
  });
});

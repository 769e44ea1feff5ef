import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pythonOracle } from '@elistimator/tooling/python';
import { describe, expect, it } from 'vitest';
import { SummaryWriter } from '../src/writer/summary-writer';
import { hex } from './hex';
import { temporaryDirectory } from './temporary-directory';
import { readers, readWithTensorBoard, type ShownRuns } from './tensorboard-reader';

const { python = '', reason } = await pythonOracle();

const at = 1795422802.5;
const clock = () => at;
const rgb = Uint8Array.from({ length: 2 * 2 * 3 * 3 }, (_, i) => i * 7);
const rgbaHex = (first: number) =>
  Buffer.from(
    Array.from({ length: 2 * 3 }, (_, pixel) => [
      ...rgb.subarray(first + pixel * 3, first + pixel * 3 + 3),
      255,
    ]).flat(),
  ).toString('hex');
/** A GraphDef with one node, `x` of op `Placeholder`. */
const graphDef = hex('0a10 0a0178 120b506c616365686f6c646572');

const writeEverything = async (logDir: string) => {
  await using train = new SummaryWriter(join(logDir, 'train'), { clock });
  train.scalar('loss', 0.5, 1);
  train.scalar('loss', Number.NaN, 2, { wallTime: at + 1 });
  train.scalar('loss', -Infinity, 3);
  train.scalar('described', 1, 1, { description: 'what it **says**', displayName: 'shown' });
  train.withPrefix('a').scalars([{ tag: 'b', value: 1e-3, step: 2 ** 40 }]);
  train.histogram('dense/kernel', [0, 1, 2, 3, 4], 1, { buckets: 2, description: 'weights' });
  train.histogram('empty', [], 1, { buckets: 1 });
  train.images('input', { data: rgb, shape: [2, 2, 3, 3] }, 1, { description: 'a batch' });
  train.text('note', '# Überschrift', 1, { description: 'a note' });
  train.graph(graphDef);
  await using validation = new SummaryWriter(join(logDir, 'validation'), { clock });
  validation.scalar('loss', 0.25, 1);
};

const expectEverything = ({ scalars, histograms, images, text, graphs }: ShownRuns) => {
  expect(scalars['train/loss']?.points).toEqual([
    [1, at, '0.5'],
    [2, at + 1, 'nan'],
    [3, at, '-inf'],
  ]);
  expect(scalars['train/a/b']?.points).toEqual([[2 ** 40, at, String(Math.fround(1e-3))]]);
  expect(scalars['validation/loss']?.points).toEqual([[1, at, '0.25']]);
  expect(scalars['train/described']).toMatchObject({
    name: 'shown',
    description: 'what it **says**',
  });
  const buckets = [
    [0, 2, 2],
    [2, 4, 3],
  ];
  expect(histograms['train/dense/kernel']).toMatchObject({
    description: 'weights',
    points: [[1, at, buckets]],
  });
  expect(histograms['train/empty']?.points).toEqual([[1, at, [[0, 0, 0]]]]);
  expect(images['train/input']).toMatchObject({
    description: 'a batch',
    points: [[1, at, ['3', '2', rgbaHex(0), rgbaHex(18)]]],
  });
  expect(text['train/note']).toMatchObject({
    description: 'a note',
    points: [[1, at, '# Überschrift']],
  });
  expect(graphs).toEqual({ train: ['x'] });
};

/** A run that was restarted twice, the second time from a later step. */
const writeRestarts = async (logDir: string) => {
  for (const [time, purgeStep, steps] of [
    [1, undefined, [0, 1, 2, 3, 4]],
    [2, 3, [3, 4, 5]],
    [3, 5, [5]],
  ] as const) {
    const options = { clock: () => time, purgeStep };
    await using writer = new SummaryWriter(join(logDir, 'restarted'), options);
    for (const step of steps) writer.scalar('loss', time, step);
  }
};

const expectRestarts = ({ scalars }: ShownRuns) => {
  expect(scalars['restarted/loss']?.points).toEqual([
    [0, 1, '1.0'],
    [1, 1, '1.0'],
    [2, 1, '1.0'],
    [3, 2, '2.0'],
    [4, 2, '2.0'],
    [5, 3, '3.0'],
  ]);
};

const ROTATED = 300;

/** A run with many small files. */
const writeRotated = async (logDir: string) => {
  const options = { clock, maxFileBytes: 1000, fileNameSuffix: '.v2' };
  await using writer = new SummaryWriter(join(logDir, 'rotated'), options);
  for (let step = 0; step < ROTATED; step++) writer.scalar('loss', step, step);
  await writer.flush();
  // Each scalar takes a little more than 42 bytes.
  expect(readdirSync(join(logDir, 'rotated')).length).toBeGreaterThan(10);
};

const expectRotated = ({ scalars }: ShownRuns) => {
  const values = scalars['rotated/loss']?.points.map(([step, , value]) => [step, Number(value)]);
  expect(values).toEqual(Array.from({ length: ROTATED }, (_, step) => [step, step]));
};

describe.skipIf(!python)(`TensorBoard${reason ? ` (${reason})` : ''}`, () => {
  it.for(readers)(
    'shows everything, and no step twice, with its %s reader',
    async (reader, { skip }) => {
      const logDir = temporaryDirectory();
      await writeEverything(logDir);
      await writeRestarts(logDir);
      await writeRotated(logDir);
      const shown = readWithTensorBoard(python, logDir, reader);
      if (!shown) return skip('no data server for this platform');
      expectEverything(shown);
      expectRestarts(shown);
      expectRotated(shown);
    },
  );
});

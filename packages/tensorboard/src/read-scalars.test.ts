import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { DataType, EventSchema, type Summary_ValueSchema } from '@elistimator/protos';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory';
import { readScalars } from './read-scalars';
import { RecordQueue } from './record-queue';
import { SummaryWriter } from './summary-writer';

const metadata = { pluginData: { pluginName: 'scalars' } };

const readValues = async (values: MessageInitShape<typeof Summary_ValueSchema>[]) => {
  const path = join(temporaryDirectory(), 'tfevents');
  const queue = new RecordQueue();
  for (const value of values) {
    const what = { case: 'summary' as const, value: { value: [value] } };
    queue.append(toBinary(EventSchema, create(EventSchema, { step: 1n, what })));
  }
  writeFileSync(path, Buffer.concat(queue.take()));
  return (await readScalars(path)).get('t')?.map(({ value }) => value);
};

describe('readScalars', () => {
  it('reads what TensorFlow 2 writes, whose metadata may stand only on the first', async () => {
    const tensorContent = new Uint8Array(Float32Array.of(0.25).buffer);
    const { DT_FLOAT: dtype } = DataType;
    const values = await readValues([
      { tag: 't', metadata, value: { case: 'tensor', value: { dtype, floatVal: [0.5] } } },
      { tag: 't', value: { case: 'tensor', value: { dtype, tensorContent } } },
    ]);
    expect(values).toEqual([0.5, 0.25]);
  });

  it('passes by tensors of other kinds', async () => {
    const value = { dtype: DataType.DT_STRING, stringVal: [Uint8Array.of(65)] };
    const pluginData = { pluginName: 'text' };
    const tensor = { case: 'tensor' as const, value };
    expect(await readValues([{ tag: 't', metadata: { pluginData }, value: tensor }])).toBe(
      undefined,
    );
  });

  it('leaves out what a restart takes back', async () => {
    const logDir = temporaryDirectory();
    for (const [purgeStep, steps] of [
      [undefined, [0, 1, 2, 3]],
      [2, [2, 3]],
    ] as const) {
      const writer = new SummaryWriter(logDir, { purgeStep });
      for (const step of steps) writer.scalar('loss', purgeStep ?? -1, step);
      await writer.close();
    }
    const points = (await readScalars(logDir)).get('loss') ?? [];
    expect(points.map(({ step, value }) => [step, value])).toEqual([
      [0, -1],
      [1, -1],
      [2, 2],
      [3, 2],
    ]);
  });
});

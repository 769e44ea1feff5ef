import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { DataType, EventSchema, type Summary_ValueSchema } from '@elistimator/protos';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../test/temporary-directory';
import { RecordQueue } from '../records/record-queue';
import { SummaryWriter } from '../writer/summary-writer';
import { readScalars } from './read-scalars';

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
  it('reads scalars of TensorFlow 2, which writes metadata only for the first one', async () => {
    const tensorContent = new Uint8Array(Float32Array.of(0.25).buffer);
    const { DT_FLOAT: dtype } = DataType;
    const values = await readValues([
      { tag: 't', metadata, value: { case: 'tensor', value: { dtype, floatVal: [0.5] } } },
      { tag: 't', value: { case: 'tensor', value: { dtype, tensorContent } } },
    ]);
    expect(values).toEqual([0.5, 0.25]);
  });

  it('ignores tensors of other plugins', async () => {
    const value = { dtype: DataType.DT_STRING, stringVal: [Uint8Array.of(65)] };
    const pluginData = { pluginName: 'text' };
    const tensor = { case: 'tensor' as const, value };
    expect(await readValues([{ tag: 't', metadata: { pluginData }, value: tensor }])).toBe(
      undefined,
    );
  });

  it('leaves out scalars that a restart purged', async () => {
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

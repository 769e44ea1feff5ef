import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pythonOracle, runPython } from '@elistimator/tooling/python';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histogramBuckets } from '../src/summaries/histogram';
import { SummaryWriter } from '../src/writer/summary-writer';
import { temporaryDirectory } from './temporary-directory';

const { python = '', reason } = await pythonOracle();
const why = reason ? ` (${reason})` : '';

const writeWithEventFileWriter = `
import json, sys, time
import tensorboard.compat
tensorboard.compat.notf = True  # Without TensorFlow, which takes seconds to import.
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter
writer = EventFileWriter(sys.argv[1])
for tag, value, step, wall_time in json.load(sys.stdin):
    summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=value)])
    writer.add_event(event_pb2.Event(wall_time=wall_time, step=step, summary=summary))
writer.close()
print(json.dumps(writer._file_name))
`;

/** The bytes after the first record, which depends on the writer and the time. */
const withoutFirstRecord = (path: string) => {
  const bytes = readFileSync(path);
  return bytes.subarray(16 + Number(bytes.readBigUInt64LE(0))).toString('hex');
};

describe.skipIf(!python)(`Event files compared with TensorBoard's writer${why}`, () => {
  it('have the same bytes for scalars', async () => {
    const logDir = temporaryDirectory();
    const scalar = fc.tuple(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }),
      fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
      fc.oneof(fc.nat(1000), fc.maxSafeInteger()),
      fc.double({ min: 1, max: 1e10, noNaN: true }),
    );
    const scalars = fc.sample(scalar, { numRuns: 500, seed: 1 });
    const theirs = runPython<string>(
      python,
      writeWithEventFileWriter,
      [join(logDir, 'theirs')],
      JSON.stringify(scalars),
    );
    const ours = new SummaryWriter(join(logDir, 'ours'));
    for (const [tag, value, step, wallTime] of scalars) ours.scalar(tag, value, step, { wallTime });
    await ours.close();
    expect(withoutFirstRecord(ours.path)).toBe(withoutFirstRecord(theirs));
  });
});

const countWithTensorBoard = `
import json, sys
import tensorboard.compat
tensorboard.compat.notf = True  # Without TensorFlow, which takes seconds to import.
import numpy as np
from tensorboard.plugins.histogram.summary_v2 import histogram_pb
from tensorboard.util import tensor_util
print(json.dumps([
    tensor_util.make_ndarray(histogram_pb('t', np.array(values), buckets=buckets).value[0].tensor).tolist()
    for values, buckets in json.load(sys.stdin)]))
`;

describe.skipIf(!python)(`Histograms compared with TensorBoard's${why}`, () => {
  it('have the same edges and counts', () => {
    const values = fc.array(
      fc.oneof(
        fc.integer({ min: -20, max: 20 }),
        fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }),
        fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
      ),
      { maxLength: 60 },
    );
    const cases = fc.sample(fc.tuple(values, fc.integer({ min: 1, max: 40 })), {
      numRuns: 500,
      seed: 2,
    });
    const expected = runPython<number[][][]>(
      python,
      countWithTensorBoard,
      [],
      JSON.stringify(cases),
    );
    const actual = cases.map(([numbers, buckets]) => histogramBuckets('t', numbers, buckets));
    expect(actual.map((rows) => [...rows])).toEqual(expected.map((rows) => rows.flat()));
  });
});

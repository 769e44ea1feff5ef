import { equals, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  HParamsPluginDataSchema,
  type Summary_Value,
  Summary_ValueSchema,
  SummarySchema,
} from '@elistimator/protos';
import { pythonOracle, runPython } from '@elistimator/tooling/python';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { audioSummary } from '../src/summaries/audio';
import { customScalarsSummary } from '../src/summaries/custom-scalars';
import { hparamsConfigSummary } from '../src/summaries/hparams-config';
import type { HParamValue } from '../src/summaries/hparams-plugin';
import { hparamsEnd, hparamsGroup, hparamsStart } from '../src/summaries/hparams-trial';
import { meshSummaries } from '../src/summaries/mesh';
import { prCurveSummary } from '../src/summaries/pr-curve';
import { tetrahedron } from './demo-logs';
import { hex } from './hex';

const { python = '', reason } = await pythonOracle();

const source = `
import json, sys
import numpy as np
import tensorflow as tf
from tensorboard.plugins.custom_scalar import layout_pb2, summary as custom
from tensorboard.plugins.hparams import api_pb2, summary as hparams_v1, summary_v2 as hp
from tensorboard.plugins.mesh import summary as mesh
from tensorboard.plugins.pr_curve import summary as pr
given = json.load(sys.stdin)
f32 = lambda values: np.array(values, dtype=np.float32)
def curve(labels, predictions, weights, thresholds):
    return pr.pb('curve', np.array(labels, dtype=bool), f32(predictions),
                 num_thresholds=thresholds, weights=f32(weights))
def solid(vertices, faces, colors):
    return mesh.pb('solid', f32(vertices).reshape(1, -1, 3),
                   np.array(faces, dtype=np.int32).reshape(1, -1, 3),
                   np.array(colors, dtype=np.uint8).reshape(1, -1, 3))
Chart, Category = layout_pb2.Chart, layout_pb2.Category
Multiline, Margin = layout_pb2.MultilineChartContent, layout_pb2.MarginChartContent
layout = layout_pb2.Layout(category=[
    Category(title='one', chart=[
        Chart(title='lines', multiline=Multiline(tag=['loss.*', 'acc'])),
        Chart(title='bands', margin=Margin(series=[Margin.Series(value='v', lower='l', upper='u')]))]),
    Category(title='two', closed=True)])
config = hp.hparams_config_pb(
    hparams=[hp.HParam('rate', hp.RealInterval(0.1, 0.9), display_name='Rate', description='d'),
             hp.HParam('units', hp.IntInterval(1, 9)), hp.HParam('free'),
             hp.HParam('optimizer', hp.Discrete(['adam', 'sgd'])),
             hp.HParam('batch', hp.Discrete([16, 32])), hp.HParam('drop', hp.Discrete([False, True]))],
    metrics=[hp.Metric('loss'), hp.Metric('acc', group='validation', display_name='A',
             description='m', dataset_type=hp.Metric.VALIDATION)],
    time_created_secs=1.5)
clip = lambda samples: tf.audio.encode_wav(f32(samples).reshape(-1, 2), 8000).numpy().hex()
print(json.dumps({
    'curves': [curve(*case).SerializeToString().hex() for case in given['curves']],
    'mesh': solid(*given['mesh']).SerializeToString().hex(),
    'layout': custom.pb(layout).SerializeToString().hex(),
    'config': config.SerializeToString().hex(),
    'start': hp.hparams_pb(given['hparams'], start_time_secs=2.5).SerializeToString().hex(),
    'end': hparams_v1.session_end_pb(api_pb2.STATUS_FAILURE, 3.5).SerializeToString().hex(),
    'groups': [hp._derive_session_group_name(None, values) for values in given['groups']],
    'clips': [clip(samples) for samples in given['clips']]}))
`;

/** Serialized summaries created by TensorBoard's and TensorFlow's functions. */
interface Theirs {
  readonly curves: readonly string[];
  readonly groups: readonly string[];
  /** WAV files. */
  readonly clips: readonly string[];
  readonly mesh: string;
  readonly layout: string;
  readonly config: string;
  readonly start: string;
  readonly end: string;
}

const bytesOf = (value: Summary_Value) => Buffer.from(toBinary(Summary_ValueSchema, value));
const valuesOf = (summary: string) => fromBinary(SummarySchema, hex(summary)).value;
const expectSame = (ours: Summary_Value[], theirs: string) =>
  expect(ours.map(bytesOf)).toEqual(valuesOf(theirs).map(bytesOf));

const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number) =>
  fc.sample(arbitrary, { numRuns, seed: 3 });
const unit = fc.oneof(fc.constantFrom(0, 0.5, 1), fc.float({ min: 0, max: 1, noNaN: true }));
const example = fc.tuple(fc.boolean(), unit, fc.float({ min: 0, max: 4, noNaN: true }));
const curves = sample(
  fc.tuple(fc.array(example, { minLength: 1, maxLength: 50 }), fc.integer({ min: 2, max: 300 })),
  60,
).map(
  ([examples, thresholds]) =>
    [
      examples.map(([label]) => Number(label)),
      examples.map(([, prediction]) => prediction),
      examples.map(([, , weight]) => weight),
      thresholds,
    ] as const,
);
const clips = sample(
  fc.array(
    fc.oneof(
      fc.float({ min: -2, max: 2, noNaN: true }),
      fc.integer({ min: -70_000, max: 70_000 }).map((half) => half / 65_536),
    ),
    { minLength: 2, maxLength: 40 },
  ),
  40,
).map((samples) => samples.slice(0, samples.length - (samples.length % 2)));
const hparams = { rate: 0.1, units: 32, name: 'é "x"', drop: true };
const groups: Record<string, HParamValue>[] = [
  hparams,
  {},
  ...sample(
    fc.dictionary(
      fc.string({ unit: 'grapheme' }),
      fc.oneof(
        fc.string({ unit: 'grapheme' }),
        fc.boolean(),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).filter((x) => !Number.isInteger(x)),
      ),
    ),
    200,
  ).map((values) => ({ ...values })),
];

describe.skipIf(!python)(
  `Summaries compared with TensorBoard's plugins${reason ? ` (${reason})` : ''}`,
  () => {
    let theirs: Theirs;

    beforeAll(() => {
      const { vertices, faces, colors } = tetrahedron;
      const mesh = [vertices.data, faces.data, colors.data];
      const given = JSON.stringify({ curves, clips, hparams, groups, mesh });
      theirs = runPython<Theirs>(python, source, [], given);
    });

    it('have the same PR curves', () => {
      curves.forEach(([labels, predictions, weights, numThresholds], i) => {
        const options = { weights, numThresholds, displayName: 'curve' };
        expectSame(
          // The function for TensorFlow 1 derives this tag.
          [prCurveSummary('curve/pr_curves', labels, predictions, options)],
          theirs.curves[i] ?? 'missing',
        );
      });
    });

    it('have the same meshes', () => {
      const options = { ...tetrahedron, displayName: 'solid' };
      expectSame(meshSummaries('solid', tetrahedron.vertices, options), theirs.mesh);
    });

    it('have the same layout of custom scalars', () => {
      const ours = customScalarsSummary([
        {
          title: 'one',
          charts: [
            { title: 'lines', multiline: [/loss.*/, 'acc'] },
            { title: 'bands', margin: [{ value: 'v', lower: 'l', upper: 'u' }] },
          ],
        },
        { title: 'two', charts: [], closed: true },
      ]);
      expectSame([ours], theirs.layout);
    });

    it('have the same hparams experiment and trials', () => {
      const config = hparamsConfigSummary(
        {
          hparams: [
            { name: 'rate', domain: { min: 0.1, max: 0.9 }, displayName: 'Rate', description: 'd' },
            { name: 'units', domain: { min: 1, max: 9 } },
            { name: 'free' },
            { name: 'optimizer', domain: ['adam', 'sgd'] },
            { name: 'batch', domain: [16, 32] },
            { name: 'drop', domain: [false, true] },
          ],
          metrics: [
            { tag: 'loss' },
            {
              tag: 'acc',
              group: 'validation',
              displayName: 'A',
              description: 'm',
              dataset: 'validation',
            },
          ],
        },
        1.5,
      );
      expectSame([config], theirs.config);
      expectSame([hparamsEnd('failure', 3.5)], theirs.end);
      // The order of map entries is not defined, so the parsed messages are compared.
      const [start, pluginData] = [hparamsStart(hparams, {}, 2.5), HParamsPluginDataSchema];
      const contents = [start, ...valuesOf(theirs.start)].map(({ metadata }) =>
        fromBinary(pluginData, metadata?.pluginData?.content ?? new Uint8Array()),
      );
      const [a, b] = contents;
      expect(a && b && equals(pluginData, a, b)).toBe(true);
    });

    it('name groups of trials in the same way', () => {
      expect(groups.map(hparamsGroup)).toEqual(theirs.groups);
    });

    it('encode sound in the same way', () => {
      const ours = clips.map((samples) => {
        const sound = { shape: [samples.length / 2, 2], data: samples };
        const { value } = audioSummary('tone', sound, { sampleRate: 8000 });
        return (
          value.case === 'tensor' && Buffer.from(value.value.stringVal[0] ?? []).toString('hex')
        );
      });
      expect(ours).toEqual(theirs.clips);
    });
  },
);

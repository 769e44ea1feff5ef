import { pythonOracle } from '@elistimator/tooling/python';
import { PNG } from 'pngjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { encodeWav } from '../src/summaries/audio';
import { prCurveRows } from '../src/summaries/pr-curve';
import {
  classifiedAt,
  embedded,
  fullRun,
  labelOf,
  plot,
  steps,
  tetrahedron,
  tone,
  vectors,
  writeDemoLogs,
} from './demo-logs';
import { temporaryDirectory } from './temporary-directory';
import { readers } from './tensorboard-reader';
import { startTensorBoard } from './tensorboard-server';

const { python = '', reason } = await pythonOracle();

const trials = ['adam-0.003', 'adam-0.01', 'sgd-0.02'];
const full = `run=${fullRun}`;

/** A client for the endpoints of the plugins. */
const client = (url: string) => {
  const bytes = async (path: string, body?: object): Promise<Buffer> => {
    const headers = { 'content-type': 'application/json' };
    const post = body && { method: 'POST', body: JSON.stringify(body), headers };
    const response = await fetch(`${url}data/${path}`, post);
    expect(response.status, path).toBe(200);
    return Buffer.from(await response.arrayBuffer());
  };
  const json = async (path: string, body?: object) => JSON.parse(String(await bytes(path, body)));
  return { bytes, json };
};
type Client = ReturnType<typeof client>;

const floats = (bytes: Buffer) =>
  Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(i * 4));
const float32 = (values: ArrayLike<number>) => Array.from(values, Math.fround);

const expectMedia = async ({ json, bytes }: Client) => {
  const [sound] = await json(`plugin/audio/audio?${full}&tag=tone&sample=0`);
  expect(sound).toMatchObject({ step: steps, contentType: 'audio/wav' });
  const samples = Int16Array.from(
    tone.data,
    (value) =>
      // Ties round away from zero.
      Math.sign(value) * Math.round(Math.abs(value) * 32768),
  );
  expect(await bytes(`plugin/audio/individualAudio?${sound.query}`)).toEqual(
    Buffer.from(encodeWav(samples, 2, 8000)),
  );
  const [figure] = await json(`plugin/images/images?${full}&tag=plot&sample=0`);
  expect(await bytes(`plugin/images/individualImage?${figure.query}`)).toEqual(Buffer.from(plot));
  const [text] = await json(`plugin/text/text?${full}&tag=notes`);
  expect(text.text).toContain('<td><strong>5</strong></td>');
};

const expectCharts = async ({ json }: Client) => {
  const loss = await json('plugin/scalars/scalars?run=adam-0.01&tag=loss');
  expect(loss).toHaveLength(steps);
  const { tag_to_events: matched } = await json(
    'plugin/custom_scalars/scalars?run=adam-0.01&tag=lo.*',
  );
  expect(matched).toEqual({ loss });
  const { category } = await json('plugin/custom_scalars/layout');
  expect(category).toMatchObject([
    {
      title: 'Training',
      chart: [
        { title: 'loss and accuracy', multiline: { tag: ['loss', 'acc.*'] } },
        {
          title: 'band',
          margin: { series: [{ value: 'loss', lower: 'band/lower', upper: 'band/upper' }] },
        },
      ],
    },
  ]);
  const histograms = await json('plugin/histograms/histograms?run=sgd-0.02&tag=dense/kernel');
  const distributions = await json(
    'plugin/distributions/distributions?run=sgd-0.02&tag=dense/kernel',
  );
  expect([histograms.length, distributions.length]).toEqual([10, 10]);
  const counts = (histograms[0]?.[2] ?? []).map((row: number[]) => row[2]);
  expect(counts.reduce((sum: number, count: number) => sum + count, 0)).toBe(2000);
};

const expectPrCurves = async ({ json }: Client) => {
  const { [trials[0] ?? '']: curves } = await json(
    `plugin/pr_curves/pr_curves?run=${trials[0]}&tag=validation`,
  );
  expect(curves.map(({ step }: { step: number }) => step)).toContain(steps);
  const { labels: truths, predictions: scores } = classifiedAt(steps);
  const rows = prCurveRows('validation', { truths, scores, weights: 1 }, 201);
  const shown = curves.at(-1);
  // TensorBoard omits columns without a positive prediction.
  const { length } = shown.precision;
  const names = ['true_positives', 'false_positives', 'true_negatives', 'false_negatives'];
  [...names, 'precision', 'recall'].forEach((name, row) => {
    expect(shown[name], name).toEqual(float32(rows.subarray(row * 201, row * 201 + length)));
  });
};

const expectHParams = async ({ json }: Client) => {
  const experiment = await json('plugin/hparams/experiment', {});
  expect(experiment).toMatchObject({ timeCreatedSecs: 1_795_422_802 });
  const byName = Object.fromEntries(
    experiment.hparamInfos.map((info: { name: string }) => [info.name, info]),
  );
  expect(byName).toMatchObject({
    learning_rate: {
      displayName: 'learning rate',
      type: 'DATA_TYPE_FLOAT64',
      domainInterval: { minValue: 0.001, maxValue: 0.1 },
    },
    optimizer: { type: 'DATA_TYPE_STRING', domainDiscrete: ['adam', 'sgd'] },
    dropout: { type: 'DATA_TYPE_BOOL', description: 'whether units are dropped' },
  });
  const { sessionGroups } = await json('plugin/hparams/session_groups', {
    startIndex: 0,
    sliceSize: 10,
    allowedStatuses: ['STATUS_SUCCESS'],
    colParams: [],
  });
  const shown = sessionGroups.map(
    ({ hparams, sessions }: { hparams: object; sessions: { name: string; status: string }[] }) => [
      sessions[0]?.name,
      sessions[0]?.status,
      hparams,
    ],
  );
  expect(shown.sort()).toEqual([
    ['adam-0.003', 'STATUS_SUCCESS', { learning_rate: 0.003, optimizer: 'adam', dropout: true }],
    ['adam-0.01', 'STATUS_SUCCESS', { learning_rate: 0.01, optimizer: 'adam', dropout: false }],
    ['sgd-0.02', 'STATUS_SUCCESS', { learning_rate: 0.02, optimizer: 'sgd', dropout: false }],
  ]);
  const accuracy = await json('plugin/scalars/scalars?run=sgd-0.02&tag=accuracy');
  const sgd = sessionGroups.find(
    ({ hparams }: { hparams: { optimizer: string } }) => hparams.optimizer === 'sgd',
  );
  const metric = sgd.metricValues.find(
    ({ name }: { name: { tag: string } }) => name.tag === 'accuracy',
  );
  expect(metric.value).toBe(accuracy.at(-1)[2]);
};

const expectMesh = async ({ json, bytes }: Client) => {
  const parts = await json(`plugin/mesh/meshes?${full}&tag=tetrahedron&sample=0`);
  expect(parts.map((part: { components: number }) => part.components)).toEqual([14, 14, 14]);
  const data = (kind: string) =>
    bytes(`plugin/mesh/data?${full}&tag=tetrahedron&content_type=${kind}&sample=0&step=${steps}`);
  expect(floats(await data('VERTEX'))).toEqual(tetrahedron.vertices.data);
  const faces = await data('FACE');
  expect([...new Int32Array(new Uint8Array(faces).buffer)]).toEqual(tetrahedron.faces.data);
  expect([...(await data('COLOR'))]).toEqual(tetrahedron.colors.data);
};

const expectGraph = async ({ json, bytes }: Client) => {
  const info = await json('plugin/graphs/info');
  expect(info).toMatchObject({
    [fullRun]: { run_graph: true, tags: { 'step 10': { profile: true } } },
  });
  expect(String(await bytes(`plugin/graphs/graph?${full}`))).toContain('op: "Conv2D"');
  const stats = String(await bytes(`plugin/graphs/run_metadata?${full}&tag=step+10`));
  expect(stats).toContain('node_name: "dense/MatMul"');
  expect(stats).toContain('all_end_rel_micros: 42');
};

const expectProjector = async ({ json, bytes }: Client) => {
  const { embeddings } = await json(`plugin/projector/info?${full}`);
  expect(embeddings).toMatchObject([{ tensorName: 'hidden:00050', tensorShape: [embedded, 8] }]);
  const of = `${full}&name=hidden:00050`;
  expect(floats(await bytes(`plugin/projector/tensor?${of}`))).toEqual([...vectors.data]);
  const [header, ...rows] = String(await bytes(`plugin/projector/metadata?${of}`))
    .trimEnd()
    .split('\n');
  expect(header).toBe('label\tnumber');
  expect(rows).toEqual(Array.from({ length: embedded }, (_, i) => `${labelOf(i)}\t${i}`));
  const sprite = PNG.sync.read(await bytes(`plugin/projector/sprite_image?${of}`));
  expect([sprite.width, sprite.height]).toEqual([280, 280]);
};

describe.skipIf(!python)(`A running TensorBoard server${reason ? ` (${reason})` : ''}`, () => {
  it.for(readers)('serves every kind of summary with its %s reader', async (reader, { skip }) => {
    const logDir = temporaryDirectory();
    await writeDemoLogs(logDir);
    const server = await startTensorBoard(python, logDir, { reader });
    if (!server) return skip('no data server for this platform');
    onTestFinished(() => server.stop());
    const http = client(server.url);
    // The data server also answers while it is loading.
    await vi.waitFor(
      async () => {
        expect((await http.json('runs')).sort()).toEqual(['.', ...trials, fullRun].sort());
        await expectMedia(http);
        await expectProjector(http);
      },
      { timeout: 20_000, interval: 300 },
    );
    for (const check of [expectCharts, expectPrCurves, expectHParams, expectMesh, expectGraph]) {
      await check(http);
    }
  });
});

import { join } from 'node:path';
import { encodePng } from '../src/summaries/png';
import { SummaryWriter } from '../src/writer/summary-writer';
import { graphDef, runMetadata } from './wire';

// Logs with every kind of summary, for tests and for the pictures in the docs.

/** A linear congruential generator of reproducible numbers in 0..1. */
const createRandom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

const random = createRandom(1);
/** Approximately normal. */
const noise = () => random() + random() + random() + random() - 2;
const numbers = (length: number, valueAt: (i: number) => number) =>
  Float32Array.from({ length }, (_, i) => valueAt(i));

export const steps = 50;
const start = 1_795_422_802;

/** Gray images of circles and stripes, 28x28. */
const shapes = (count: number) => ({
  shape: [count, 28, 28, 1],
  data: numbers(count * 784, (i) => {
    const [image, y, x] = [Math.floor(i / 784), Math.floor((i % 784) / 28) - 14, (i % 28) - 14];
    const distance = Math.hypot(x, y) / (4 + (image % 8));
    return image % 2 ? (Math.sin((x + y) / (1 + (image % 5))) + 1) / 2 : Math.exp(-(distance ** 4));
  }),
});

const labels = numbers(500, () => (random() < 0.4 ? 1 : 0));
const errors = numbers(500, () => noise() * 0.7);
/** A binary classifier that improves with each step. */
export const classifiedAt = (step: number) => ({
  labels,
  predictions: labels.map((label, i) =>
    Math.min(
      1,
      Math.max(0, 0.5 + (label - 0.5) * (0.2 + (0.6 * step) / steps) + Number(errors[i])),
    ),
  ),
});

export const tone = {
  shape: [16_000, 2],
  data: numbers(32_000, (i) => Math.sin((i >> 1) * (i % 2 ? 0.3 : 0.2)) * 0.5),
};

export const graph = graphDef([
  ['features/images', 'Placeholder'],
  ['conv2d/kernel', 'VarHandleOp'],
  ['conv2d/Conv2D', 'Conv2D', 'features/images', 'conv2d/kernel'],
  ['conv2d/Relu', 'Relu', 'conv2d/Conv2D'],
  ['max_pooling2d/MaxPool', 'MaxPool', 'conv2d/Relu'],
  ['dense/kernel', 'VarHandleOp'],
  ['dense/MatMul', 'MatMul', 'max_pooling2d/MaxPool', 'dense/kernel'],
  ['loss/labels', 'Placeholder'],
  ['loss/SoftmaxCrossEntropy', 'SoftmaxCrossEntropyWithLogits', 'dense/MatMul', 'loss/labels'],
  ['loss/Mean', 'Mean', 'loss/SoftmaxCrossEntropy'],
]);
export const stats = runMetadata('dense/MatMul', '/device:CPU:0', 42);

/** A tetrahedron. */
export const tetrahedron = {
  vertices: { shape: [4, 3], data: [1, 1, 1, -1, -1, 1, -1, 1, -1, 1, -1, -1] },
  faces: { shape: [4, 3], dtype: 'int32', data: [0, 1, 2, 0, 2, 3, 0, 3, 1, 1, 3, 2] },
  colors: { shape: [4, 3], data: [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0] },
};

/** Three clusters of points in eight dimensions. */
export const embedded = 90;
export const vectors = {
  shape: [embedded, 8],
  data: numbers(embedded * 8, (i) => (Math.floor(i / 8) % 3 === i % 3 ? 3 : 0) + noise()),
};
export const labelOf = (i: number) => ['circle', 'stripe', 'other'][i % 3] ?? '';

/** An encoded image. */
export const plot = encodePng(
  Uint8Array.from({ length: 60 * 40 * 3 }, (_, i) => (Math.floor(i / 180) * 3 + i) % 256),
  60,
  40,
  3,
);

const writeTrial = async (logDir: string, rate: number, optimizer: string): Promise<void> => {
  const clock = () => start + rate;
  await using train = new SummaryWriter(join(logDir, `${optimizer}-${rate}`), { clock });
  train.hparams({ learning_rate: rate, optimizer, dropout: rate < 0.01 });
  for (let step = 1; step <= steps; step++) {
    const wallTime = start + step * 10;
    const loss = 0.1 + Math.exp(-step * rate * 8) + 0.03 * noise();
    train.scalar('loss', loss, step, { wallTime });
    train.scalar('accuracy', 1 - loss / 2, step, { wallTime });
    train.scalar('band/lower', loss * 0.8, step, { wallTime });
    train.scalar('band/upper', loss * 1.2, step, { wallTime });
    if (step % 5 !== 0) continue;
    const spread = 1 - step / 80;
    const kernel = numbers(2000, () => noise() * spread + step / 30);
    train.histogram('dense/kernel', kernel, step, { wallTime });
    const { labels, predictions } = classifiedAt(step);
    train.prCurve('validation', labels, predictions, step, { wallTime });
  }
  train.hparamsEnd();
};

/** The run with every kind of summary except scalars and histograms. */
export const fullRun = 'full';

const writeFullRun = async (logDir: string): Promise<void> => {
  const clock = () => start;
  await using writer = new SummaryWriter(join(logDir, fullRun), { clock });
  writer.graph(graph);
  writer.runMetadata('step 10', stats, 10);
  writer.images('input', shapes(4), steps, { maxOutputs: 4 });
  writer.figure('plot', plot, steps);
  writer.audio('tone', tone, steps, { sampleRate: 8000 });
  const { vertices, ...mesh } = tetrahedron;
  writer.mesh('tetrahedron', vertices, steps, mesh);
  writer.text(
    'notes',
    '## Run\n\n| setting | value |\n|---|---|\n| batch | 56 |\n| epochs | **5** |\n\nWith `dropout`.',
    steps,
  );
  writer.embedding('hidden', vectors, steps, {
    metadata: {
      label: Array.from({ length: embedded }, (_, i) => labelOf(i)),
      number: Array.from({ length: embedded }, (_, i) => i),
    },
    sprites: shapes(embedded),
  });
};

/** Writes the logs of an experiment: its configuration in the root, its runs in subdirectories. */
export const writeDemoLogs = async (logDir: string): Promise<void> => {
  const clock = () => start;
  await using root = new SummaryWriter(logDir, { clock });
  root.hparamsConfig({
    hparams: [
      { name: 'learning_rate', domain: { min: 0.001, max: 0.1 }, displayName: 'learning rate' },
      { name: 'optimizer', domain: ['adam', 'sgd'] },
      { name: 'dropout', domain: [true, false], description: 'whether units are dropped' },
    ],
    metrics: [{ tag: 'accuracy', displayName: 'Accuracy', dataset: 'training' }, { tag: 'loss' }],
  });
  root.customScalars([
    {
      title: 'Training',
      charts: [
        { title: 'loss and accuracy', multiline: [/loss/, 'acc.*'] },
        {
          title: 'band',
          margin: [{ value: 'loss', lower: 'band/lower', upper: 'band/upper' }],
        },
      ],
    },
  ]);
  await writeTrial(logDir, 0.01, 'adam');
  await writeTrial(logDir, 0.003, 'adam');
  await writeTrial(logDir, 0.02, 'sgd');
  await writeFullRun(logDir);
};

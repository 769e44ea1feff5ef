// Event files: SummaryWriter against Python's tf.summary, TF1 FileWriter and tensorboardX, alternately.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setImmediate as tick } from 'node:timers/promises';
import { pythonOracle, runPython } from '@elistimator/tooling/python';
import { SummaryWriter } from 'tfjs-tensorboard-writer';
import { median } from './interleave';

const ROUNDS = 3;
const SCALARS = 200_000;
/** Values of a histogram: 1 MB of float32. */
const VALUES = 250_000;
const HISTOGRAMS = 40;
const SIDE = 512;
const IMAGES = 10;
const MEGA = 1e6;

/** Scalars per second; for histograms and images the recorded data (float32, uint8) in megabytes per second. */
interface Rates {
  readonly scalars?: number;
  readonly histograms?: number;
  readonly images?: number;
}
type Kind = keyof Rates;

const source = readFileSync(new URL('./tensorboard-peers.py', import.meta.url), 'utf8');

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const kernel = Float32Array.from({ length: VALUES }, () => {
  const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
  return radius * Math.cos(2 * Math.PI * Math.random());
});
const picture = {
  shape: [1, SIDE, SIDE, 3],
  // Waves with some noise, to compress about as a photograph does.
  data: Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const [y, x] = [Math.floor(i / (3 * SIDE)), Math.floor(i / 3) % SIDE];
    return 128 + 80 * Math.sin(x / 37 + (i % 3)) * Math.cos(y / 23) + 8 * Math.random();
  }),
};

/** Records per second; closing the file is part of the measured time. */
const rate = async (
  units: number,
  record: (writer: SummaryWriter, step: number) => void,
): Promise<number> => {
  const write = async (count: number) => {
    const writer = new SummaryWriter(join(folder, 'ours'));
    for (let step = 0; step < count; step++) record(writer, step);
    await writer.close();
  };
  await write(Math.ceil(units / 10));
  const start = performance.now();
  await write(units);
  return (1000 * units) / (performance.now() - start);
};

const ours = async (): Promise<Rates> => ({
  scalars: await rate(SCALARS, (writer, step) => writer.scalar('loss', 0.5, step)),
  histograms:
    (kernel.byteLength / MEGA) *
    (await rate(HISTOGRAMS, (writer, step) => writer.histogram('tag', kernel, step))),
  images:
    (picture.data.byteLength / MEGA) *
    (await rate(IMAGES, (writer, step) => writer.images('tag', picture, step))),
});

/**
 * Measures how long a scalar occupies the main thread, in a loop that yields every hundred scalars.
 *
 * @returns microseconds within the calls, and in all, with the queueing and writing between the calls
 */
const microsPerScalar = async (): Promise<{ readonly calls: number; readonly all: number }> => {
  const writer = new SummaryWriter(join(folder, 'ours'));
  let calls = 0;
  const before = performance.eventLoopUtilization();
  for (let step = 0; step < SCALARS; step += 100) {
    const start = performance.now();
    for (let i = 0; i < 100; i++) writer.scalar('loss', 0.5, step + i);
    calls += performance.now() - start;
    await tick();
  }
  const { active } = performance.eventLoopUtilization(before);
  await writer.close();
  return { calls: (1000 * calls) / SCALARS, all: (1000 * active) / SCALARS };
};

const rounds: Record<string, Rates>[] = [];
const { python, reason } = await pythonOracle();
try {
  for (let round = 0; round < ROUNDS; round++) {
    const argv = [folder, ...[VALUES, HISTOGRAMS, SIDE, IMAGES].map(String)];
    const peers = python ? runPython<Record<string, Rates>>(python, source, argv) : {};
    rounds.push({ ours: await ours(), ...peers });
  }
  const contenders = Object.keys(rounds[0] ?? {});
  const rateOf = (name: string, kind: Kind) =>
    median(rounds.flatMap((round) => round[name]?.[kind] ?? []));
  console.log(`Event files, median of ${ROUNDS} rounds`);
  console.log('  scalars/s   histograms MB/s   images MB/s');
  for (const name of contenders) {
    const shown = (kind: Kind, digits: number) =>
      Number.isNaN(rateOf(name, kind)) ? '-' : rateOf(name, kind).toFixed(digits);
    const columns = [shown('scalars', 0), shown('histograms', 1), shown('images', 1)];
    console.log(`  ${columns.map((column) => column.padStart(9)).join('  ')}  ${name}`);
  }
  if (!python) console.log(`  Python skipped: ${reason}`);
  else if (!contenders.includes('tensorboardX'))
    console.log('  tensorboardX skipped: not installed');
  for (const kind of ['scalars', 'histograms', 'images'] as const) {
    const peers = contenders.filter((name) => name !== 'ours').map((name) => rateOf(name, kind));
    const best = Math.max(...peers.filter((peer) => !Number.isNaN(peer)));
    if (peers.length === 0) continue;
    console.log(`  ${kind}: ${(rateOf('ours', kind) / best).toFixed(1)} times the fastest peer`);
  }
  await microsPerScalar();
  const micros = [await microsPerScalar(), await microsPerScalar(), await microsPerScalar()];
  console.log(
    `  main thread per scalar: ${median(micros.map(({ calls }) => calls)).toFixed(2)} us in calls, ` +
      `${median(micros.map(({ all }) => all)).toFixed(2)} us with queueing and writing`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

// The same MNIST job with the same seed on every backend of this machine: do the losses agree?
// With --round also: does the accuracy on the test images after a round of 1072 further steps?
// Early losses fall from 30 to 1, where rounding decides which unit of a pool is the largest: the first
// backend runs once more with its first kernel changed by one part in ten million, to compare with.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: args } = parseArgs({
  options: {
    round: { type: 'boolean', default: false },
    backends: { type: 'string', default: 'libtensorflow,tfjs-node,wasm,cpu' },
    steps: { type: 'string', default: '50' },
    'cpu-steps': { type: 'string', default: '3' },
  },
});

interface Run {
  readonly summary: string;
  readonly losses: readonly number[];
  readonly accuracy?: number;
  readonly stepsPerSecond: number;
}

const script = fileURLToPath(new URL('backend-agreement-run.ts', import.meta.url));

/** Each backend runs in a process of its own, since a process holds one TensorFlow only. */
const runOn = (backend: string, nudge = false): Run | string => {
  const isCpu = backend === 'cpu';
  const steps = isCpu ? args['cpu-steps'] : args.steps;
  const flags = ['--backend', backend, '--steps', steps];
  if (args.round && !isCpu && !nudge) flags.push('--round');
  if (nudge) flags.push('--nudge');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', script, ...flags],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  if (status === 0) return JSON.parse(stdout) as Run;
  const line = stderr.split('\n').find((text) => text.includes('Error: ')) ?? 'it failed';
  return line.slice(0, 200);
};

let reference: Run | undefined;

/** The largest relative difference from the reference among the first losses. */
const difference = ({ losses }: Run, steps: number): string => {
  const expected = reference?.losses ?? [];
  const differences = losses.slice(0, steps).map((loss, step) => {
    const other = expected[step] ?? Number.NaN;
    return Math.abs(loss - other) / Math.abs(other);
  });
  return Math.max(...differences).toExponential(1);
};

const report = (title: string, run: Run | string): void => {
  if (typeof run === 'string') {
    console.log(`${title}: not run: ${run}`);
    return;
  }
  reference ??= run;
  const accuracy = run.accuracy === undefined ? '' : `, accuracy ${run.accuracy.toFixed(4)}`;
  console.log(
    `${title}: losses ${run.losses[0]?.toFixed(4)} to ${run.losses.at(-1)?.toFixed(4)} in ${run.losses.length} steps; ` +
      `largest relative difference ${difference(run, 10)} in the first 10, ${difference(run, run.losses.length)} in all${accuracy}`,
  );
};

const backends = args.backends.split(',');
for (const backend of backends) {
  report(backend, runOn(backend));
  if (backend === backends[0]) report(`${backend}, nudged`, runOn(backend, true));
}

// Runs the same MNIST job with the same seed on every backend of this machine, and compares the losses.
//
//   pnpm bench:backends [--round] [--backends NAMES] [--steps N] [--cpu-steps N]
//
// --round also compares the accuracy on the test images after a further round of 1072 steps.
// The early losses fall from 30 to 1; there, rounding decides which unit of a pool is the largest. To show the
// size of this effect, the first backend runs again with its first kernel changed by one part in ten million.
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

interface BackendResult {
  readonly summary: string;
  readonly losses: readonly number[];
  readonly accuracy?: number;
  readonly stepsPerSecond: number;
}

const script = fileURLToPath(new URL('backend-agreement-run.ts', import.meta.url));

/**
 * Runs a backend in its own process, since a process can load only one TensorFlow.
 *
 * @returns the result, or the reason why the backend did not run
 */
const runOn = (backend: string, nudge = false): BackendResult | string => {
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
  if (status === 0) return JSON.parse(stdout) as BackendResult;
  const line = stderr.split('\n').find((text) => text.includes('Error: ')) ?? 'the process failed';
  return line.slice(0, 200);
};

let reference: BackendResult | undefined;

/** The largest relative difference from the reference among the first `steps` losses. */
const difference = ({ losses }: BackendResult, steps: number): string => {
  const expected = reference?.losses ?? [];
  const differences = losses.slice(0, steps).map((loss, step) => {
    const reference = expected[step] ?? Number.NaN;
    return Math.abs(loss - reference) / Math.abs(reference);
  });
  return Math.max(...differences).toExponential(1);
};

const report = (title: string, run: BackendResult | string): void => {
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

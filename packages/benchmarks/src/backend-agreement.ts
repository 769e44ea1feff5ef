// The same MNIST job with the same seed on every backend of this machine: do the losses agree?
// With --round also: does the accuracy on the test images after a round of 1072 further steps?
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
const runOn = (backend: string): Run | string => {
  const isCpu = backend === 'cpu';
  const steps = isCpu ? args['cpu-steps'] : args.steps;
  const flags = ['--backend', backend, '--steps', steps];
  if (args.round && !isCpu) flags.push('--round');
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
for (const backend of args.backends.split(',')) {
  const run = runOn(backend);
  if (typeof run === 'string') {
    console.log(`${backend}: not run: ${run}`);
    continue;
  }
  reference ??= run;
  const { losses } = reference;
  const differences = run.losses.map((loss, step) => {
    const expected = losses[step] ?? Number.NaN;
    return Math.abs(loss - expected) / Math.abs(expected);
  });
  const accuracy = run.accuracy === undefined ? '' : `, accuracy ${run.accuracy.toFixed(4)}`;
  console.log(
    `${run.summary.split(';')[0]}: ${run.losses.length} losses from ${run.losses[0]?.toFixed(4)} to ${run.losses.at(-1)?.toFixed(4)}, ` +
      `largest relative difference ${Math.max(...differences).toExponential(1)}${accuracy}`,
  );
}

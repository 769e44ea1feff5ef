// Measures training steps per second of tfjs-node's kernels on this package's binding and on their native
// addon, alternating between two processes. Build the addon first: `pnpm --filter @elistimator/backend
// build-addon`.
//
//   pnpm --filter @elistimator/libtensorflow bench [ROUNDS]
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { oracle } from '../test/library';

const rounds = Number(process.argv[2] ?? 7);
const stepsPerRound = { MLP: 200, CNN: 15 };
const variants = ['ffi', 'addon'] as const;

interface Round {
  readonly rate: number;
  readonly loss: number;
  readonly tensors: number;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

const { path, reason } = await oracle();
if (path === undefined) throw new Error(`The benchmark needs a libtensorflow: ${reason}`);

const start = async (variant: string, model: string): Promise<ChildProcess> => {
  const trainer = fileURLToPath(new URL('trainer.ts', import.meta.url));
  const child = fork(trainer, [variant, model, path], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
  });
  await once(child, 'message');
  return child;
};

const train = async (child: ChildProcess, steps: number): Promise<Round> => {
  child.send(steps);
  const [round] = await once(child, 'message');
  return round;
};

for (const model of ['MLP', 'CNN'] as const) {
  const children = {
    ffi: await start('ffi', model),
    addon: await start('addon', model),
  };
  const rates: Record<(typeof variants)[number], number[]> = { ffi: [], addon: [] };
  for (const variant of variants) await train(children[variant], 5);
  for (let round = 0; round < rounds; round++) {
    // The order alternates, so that a machine that slows down favors neither.
    const order = round % 2 === 0 ? variants : [...variants].reverse();
    for (const variant of order) {
      const { rate } = await train(children[variant], stepsPerRound[model]);
      rates[variant].push(rate);
    }
  }
  const ratios = rates.ffi.map((rate, round) => rate / (rates.addon[round] ?? Number.NaN));
  const show = (values: readonly number[]) => values.map((value) => value.toFixed(1)).join(' ');
  console.log(
    `${model}: ffi ${median(rates.ffi).toFixed(1)} steps/s (${show(rates.ffi)}), ` +
      `addon ${median(rates.addon).toFixed(1)} steps/s (${show(rates.addon)}), ` +
      `ratio ${median(ratios).toFixed(2)}`,
  );
  for (const child of Object.values(children)) child.kill();
}

// Training steps per second of eager execution and of graph replay, on the wasm backend and on libtensorflow.
// The whole loop is measured, including data, progress bar and logs.
//
//   pnpm bench:executions                   graph replay against eager execution
//   pnpm bench:executions --against DIR     this checkout against another one with built packages
//
// Further options: --checkout DIR (instead of this checkout), --backends, --networks and --executions (lists with
// commas), --pairs, --mlp-steps, --cnn-steps (steps of a round).
//
// Each contender has its own process; the two of a case run alternately. Needs an idle machine.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { WorkerMessage, WorkerOptions } from './executions-worker';
import { type Contender, interleave } from './interleave';

const { values: args } = parseArgs({
  options: {
    against: { type: 'string' },
    checkout: { type: 'string' },
    backends: { type: 'string', default: 'wasm,libtensorflow' },
    networks: { type: 'string', default: 'mlp,cnn' },
    executions: { type: 'string', default: 'eager,graph' },
    pairs: { type: 'string', default: '9' },
    'mlp-steps': { type: 'string', default: '400' },
    'cnn-steps': { type: 'string', default: '20' },
  },
});

const thisCheckout = fileURLToPath(new URL('../../..', import.meta.url));
const pairs = Number(args.pairs);

/** A process of executions-worker.ts. */
class Worker implements Contender {
  readonly #process: ChildProcess;
  readonly #exit: Promise<undefined>;
  readonly #modelDir = mkdtempSync(join(tmpdir(), 'bench-executions-'));

  constructor(options: Case) {
    const script = fileURLToPath(new URL('executions-worker.ts', import.meta.url));
    this.#process = fork(script, [JSON.stringify({ ...options, modelDir: this.#modelDir })], {
      execArgv: ['--import', 'tsx'],
      // The launchers of pnpm set NODE_PATH, through which another checkout would find packages of this one.
      env: { ...process.env, NODE_PATH: '', TF_CPP_MIN_LOG_LEVEL: '2' },
    });
    this.#exit = once(this.#process, 'exit').then(() => undefined);
  }

  /** Resolves to the number of steps in the next message. */
  async nextMessage(): Promise<number> {
    const next = await Promise.race([once(this.#process, 'message'), this.#exit]);
    if (next === undefined) throw new Error('the worker process ended');
    const [message] = next as [WorkerMessage];
    if ('error' in message) throw new Error(message.error);
    return message.steps;
  }

  readonly run = (): Promise<number> => {
    const message = this.nextMessage();
    this.#process.send('train');
    return message;
  };

  async stop(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    await this.#exit;
    rmSync(this.#modelDir, { recursive: true });
  }
}

type Case = Omit<WorkerOptions, 'modelDir'>;

/** Prints one line: the rates of both contenders, and how many times as fast as the second the first is. */
const compare = async (
  title: string,
  first: readonly [string, Case],
  second: readonly [string, Case],
): Promise<void> => {
  const workers = [new Worker(first[1]), new Worker(second[1])] as const;
  try {
    await Promise.all(workers.map((worker) => worker.nextMessage()));
    const rates = await interleave(pairs, ...workers);
    console.log(
      `  ${title}: ${first[0]} ${rates.first.toFixed(1)} steps/s, ${second[0]} ${rates.second.toFixed(1)} steps/s: ` +
        `ratio ${rates.ratio.toFixed(3)}`,
    );
  } catch (error) {
    console.log(`  ${title}: not measured: ${error instanceof Error ? error.message : error}`);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
};

console.log(`Training steps, MNIST, batch 56, SGD: the median of ${pairs} interleaved pairs`);
for (const backend of args.backends.split(',') as WorkerOptions['backend'][]) {
  for (const network of args.networks.split(',') as WorkerOptions['network'][]) {
    const options = {
      checkout: args.checkout ?? thisCheckout,
      backend,
      network,
      steps: Number(args[`${network}-steps`]),
    };
    if (args.against === undefined) {
      await compare(
        `${backend} ${network}`,
        ['graph', { ...options, execution: 'graph' }],
        ['eager', { ...options, execution: 'eager' }],
      );
      continue;
    }
    for (const execution of args.executions.split(',') as WorkerOptions['execution'][]) {
      await compare(
        `${backend} ${network} ${execution}`,
        [args.checkout ?? 'this checkout', { ...options, execution }],
        [args.against, { ...options, execution, checkout: args.against }],
      );
    }
  }
}

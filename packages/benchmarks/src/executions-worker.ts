// One contender of executions.ts, in its own process: it sets up a model, then trains one round for each message.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { mnistTrain } from '@elistimator/examples/mnist-data';
import { BATCH, createModelFns, type Libraries, type NetworkName } from './networks';

/** The worker's argument, as JSON. */
export interface WorkerOptions {
  /** A checkout with built packages, whose code is measured. */
  readonly checkout: string;
  /** An empty directory; the parent process removes it. */
  readonly modelDir: string;
  readonly backend: 'wasm' | 'libtensorflow';
  readonly network: NetworkName;
  readonly execution: 'eager' | 'graph';
  /** Steps of a round. */
  readonly steps: number;
}

/** The message that the worker sends after its setup and after each round. */
export type WorkerMessage = { readonly error: string } | { readonly steps: number };

const send = (message: WorkerMessage): void => {
  process.send?.(message);
};
const sendError = (error: unknown): void =>
  send({ error: error instanceof Error ? error.message : String(error) });

const loadLibraries = async (checkout: string): Promise<Libraries> => {
  const facade = join(resolve(checkout), 'packages', 'elistimator', 'dist', 'index.js');
  const tfjs = createRequire(facade).resolve('@tensorflow/tfjs');
  return {
    elistimator: await import(pathToFileURL(facade).href),
    tf: await import(pathToFileURL(tfjs).href),
  };
};

const start = async ({
  checkout,
  modelDir,
  backend,
  network,
  execution,
  steps,
}: WorkerOptions): Promise<void> => {
  const libraries = await loadLibraries(checkout);
  const { Dataset, Elistimator, TqdmReporter } = libraries.elistimator;
  const { images, labels } = mnistTrain(BATCH * steps);
  const estimator = new Elistimator({
    modelFn: createModelFns(libraries)[network],
    modelDir,
    params: {},
    sessionArgs: { backend, execution, seed: 1 },
    progress: new TqdmReporter({
      stream: new Writable({ write: (_chunk, _encoding, done) => done() }),
    }),
  });
  await estimator.setup({
    trainInputFn: () =>
      Dataset.fromTensorSlices({ images, labels }).shuffle(1000, { seed: 1 }).batch(BATCH),
  });
  process.on('message', () => estimator.train().then(() => send({ steps }), sendError));
  send({ steps: 0 });
};

process.on('disconnect', () => process.exit());
start(JSON.parse(process.argv[2] ?? '{}')).catch(sendError);

// Starting again from a directory whose elistimator_meta is missing or garbled: its checkpoints are enough.
import { Graph } from '@elistimator/graph';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { Estimator, layers, PredictSpec, StateError, TrainSpec } from '../src';
import { createLineEstimator, lineInputs, lineModelFn } from './line-model';
import { MemoryPorts, MemoryStore } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

/** A store that has lost what it stored next to its checkpoints. */
class StoreWithoutState extends MemoryStore {
  lost: unknown;
  override get state(): unknown {
    return this.lost;
  }
}

const trained = async (params: Parameters<typeof lineModelFn>[2] = { rate: 0.2 }) => {
  const store = new StoreWithoutState();
  const { estimator } = createLineEstimator(params, new MemoryPorts(store));
  await estimator.setup(lineInputs);
  await estimator.train().validate();
  await estimator.saveCkpt();
  return { estimator, store };
};

/** Removes what the version before stored less in `.meta` files. */
const withOldGraphs = (store: MemoryStore) => {
  for (const [step, snapshot] of store.snapshots) {
    const graph = Graph.fromBytes(snapshot.attachments?.['.meta'] ?? new Uint8Array());
    const { elistimator_run: _, ...metadata } = graph.metadata;
    const attachments = { '.meta': graph.withMetadata(metadata).toBytes() };
    store.snapshots.set(step, { ...snapshot, attachments });
  }
};

it.each([
  ['missing', undefined],
  ['garbled', { version: 1, seed: 'x' }],
  ['of other software', 'text'],
])('with a state that is %s, training continues as if it had never stopped', async (_, lost) => {
  const { estimator, store } = await trained();
  store.lost = lost;
  const next = await estimator.train().validate();
  await estimator.close();
  for (const modelFn of [lineModelFn, null]) {
    const ports = new MemoryPorts(store);
    const again = new Estimator({ modelFn, params: undefined } as never, ports);
    await again.recover();
    expect(ports.progress.log.at(-1)).toBe(
      'elistimator_meta has no usable state of the run, so it was taken from model_iter-5.meta.',
    );
    expect(again.params).toEqual({ rate: 0.2 });
    await again.setup(lineInputs);
    expect(await again.train().validate()).toEqual(next);
    await again.close();
  }
});

it.each([
  ['with', lineModelFn],
  ['without', null],
])(
  'with a .meta file of an earlier version, it works %s the model function, and a message lists what is lost',
  async (_, modelFn) => {
    const { estimator, store } = await trained({ rate: 0 });
    withOldGraphs(store);
    const { line } = await estimator.predict({ x: [[0.5]] });
    const next = await estimator.train().validate();
    const ports = new MemoryPorts(store);
    const again = new Estimator({ modelFn, seed: 7 } as never, ports);
    await again.recover();
    expect(ports.progress.log.at(-1)).toMatch(/model_iter-5.meta.*params.*seed.*dataKeys/);
    expect(await again.predict({ x: [[0.5]] } as never)).toEqual({ line });
    await again.setup(lineInputs as never);
    expect(await again.train().validate()).toEqual(next);
  },
);

it('the graph of another checkpoint tells about the run if that of the latest is damaged', async () => {
  const { estimator, store } = await trained();
  await estimator.train().saveCkpt();
  const latest = store.snapshots.get(10);
  if (latest) store.snapshots.set(10, { ...latest, attachments: {} });
  const ports = new MemoryPorts(store);
  const again = new Estimator({ modelFn: lineModelFn }, ports);
  await again.recover();
  expect(again.globalStep).toBe(10);
  expect(ports.progress.log).toContain(
    'elistimator_meta has no usable state of the run, so it was taken from model_iter-5.meta.',
  );
});

it('only if there is no graph either, recovery fails', async () => {
  const { store } = await trained();
  const damaged: Record<string, Uint8Array> = { '.meta': Uint8Array.of(1, 2, 3) };
  for (const attachments of [{}, damaged]) {
    for (const [step, snapshot] of store.snapshots) {
      store.snapshots.set(step, { ...snapshot, attachments });
    }
    for (const modelFn of [lineModelFn, null]) {
      const again = new Estimator({ modelFn } as never, new MemoryPorts(store));
      await expect(again.recover()).rejects.toThrow(StateError);
      await expect(again.recover()).rejects.toThrow(
        /expected what saveCkpt\(\) wrote, or a \.meta file that it wrote, got nothing/,
      );
    }
  }
});

it('a state of a newer version is never replaced by an older one', async () => {
  const { store } = await trained();
  store.lost = { version: 2 };
  const again = new Estimator({ modelFn: null }, new MemoryPorts(store));
  await expect(again.recover()).rejects.toThrow(/version 2.*newer elistimator/);
});

it('features keep their order and open dimensions', async () => {
  const modelFn = (features: { readonly b: tf.Tensor2D; readonly a: tf.Tensor2D }) => {
    const line = layers.dense(features.a, { units: 1 });
    const loss = () => line.mean();
    const spec = new PredictSpec({ output: { line } });
    return [new TrainSpec({ loss, optimizer: () => tf.train.sgd(0.1) }), null, spec] as const;
  };
  const store = new StoreWithoutState();
  const first = new Estimator({ modelFn }, new MemoryPorts(store));
  const trainInputFn = function* () {
    yield [tf.ones([2, 4]), tf.ones([2, 3])];
  };
  const inputShapes = { b: [null, null] };
  await first.setup({ trainInputFn, dataKeys: ['b', 'a'], inputShapes });
  await first.train().saveCkpt();
  const again = new Estimator({ modelFn }, new MemoryPorts(store));
  await again.recover();
  expect(Object.entries(again.graph.inputSignature)).toEqual([
    ['b', { dtype: 'float32', shape: [null, null] }],
    ['a', { dtype: 'float32', shape: [null, 3] }],
  ]);
  // Tuples still have their names.
  await again.setup({ trainInputFn });
  await again.train();
});

// Optimizer state in checkpoints: training continues exactly where it stopped.
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { Estimator, OptionError } from '../src';
import { createLineEstimator, lineInputs, lineModelFn } from './line-model';
import { MemoryPorts, MemoryStore } from './memory-ports';

beforeAll(() => tf.setBackend('cpu'));

/** A custom optimizer with state: gradient descent whose learning rate shrinks by a tenth in each step. */
class Slowing extends tf.Optimizer {
  static readonly className = 'Slowing';
  readonly #rate = tf.variable(tf.scalar(0.1), false);
  override applyGradients(
    gradients: tf.NamedTensorMap | { name: string; tensor: tf.Tensor }[],
  ): void {
    if (!Array.isArray(gradients)) throw new TypeError('expected a list of gradients');
    const variables = tf.engine().registeredVariables;
    tf.tidy(() => {
      for (const { name, tensor } of gradients) {
        const variable = variables[name];
        variable?.assign(variable.sub(tensor.mul(this.#rate)));
      }
      this.#rate.assign(this.#rate.mul(0.9));
    });
  }
  override async getWeights() {
    return [{ name: 'rate', tensor: this.#rate as tf.Tensor }];
  }
  override async setWeights([rate]: { name: string; tensor: tf.Tensor }[]) {
    if (rate) this.#rate.assign(rate.tensor as tf.Scalar);
  }
  getConfig() {
    return {};
  }
}

describe('optimizer state', () => {
  it.each<[string, () => tf.Optimizer, number?]>([
    ['sgd', () => tf.train.sgd(0.1)],
    ['momentum', () => tf.train.momentum(0.05, 0.9)],
    ['adagrad', () => tf.train.adagrad(0.1)],
    ['adadelta', () => tf.train.adadelta(0.05)],
    ['adam', () => tf.train.adam(0.02)],
    ['adamax', () => tf.train.adamax(0.02)],
    ['rmsprop', () => tf.train.rmsprop(0.01, 0.9, 0.5)],
    ['centered rmsprop', () => tf.train.rmsprop(0.01, 0.9, 0.5, 1e-8, true)],
  ])('lets a new process continue exactly where %s stopped', async (_, optimizer, rate = 0.3) => {
    const store = new MemoryStore();
    const first = createLineEstimator({ optimizer, rate }, new MemoryPorts(store));
    await first.estimator.setup(lineInputs);
    await first.estimator.train();
    await first.estimator.saveCkpt();
    await first.estimator.train();

    const second = createLineEstimator({ optimizer, rate }, new MemoryPorts(store));
    await second.estimator.recover();
    expect(second.estimator.globalStep).toBe(5);
    await second.estimator.setup(lineInputs);
    await second.estimator.train();
    expect(second.ports.losses).toEqual(first.ports.losses.slice(5));
    // Replaying the graph instead of calling the code.
    const options = { modelFn: lineModelFn, params: { optimizer, rate }, seed: 7 };
    const ports = new MemoryPorts();
    const replaying = new Estimator({ ...options, execution: 'graph' }, ports);
    await replaying.setup(lineInputs);
    await replaying.train();
    await replaying.saveCkpt();
    await replaying.train();
    expect(ports.losses).toEqual(first.ports.losses);
    expect(ports.store.snapshots.get(5)?.tensors).toEqual(store.snapshots.get(5)?.tensors);
    await replaying.close();

    // Without the model function.
    const portsWithoutCode = new MemoryPorts(store);
    const withoutCode = new Estimator({ modelFn: null }, portsWithoutCode);
    await withoutCode.recover();
    await withoutCode.setup(lineInputs);
    await withoutCode.train();
    expect(portsWithoutCode.sinks.train.losses).toMatchObject(
      first.ports.sinks.train.losses.slice(5).map(({ value, step }) => ({ value, step })),
    );
    await withoutCode.saveCkpt();
    const namesAt = (step: number) =>
      store.snapshots
        .get(step)
        ?.tensors.map(({ name }) => name)
        .sort();
    expect(namesAt(10)).toEqual(namesAt(5));
    expect(namesAt(5)).toContain('global_step');
    await first.estimator.close();
    await second.estimator.close();
    await withoutCode.close();
  });

  it('of a custom optimizer is saved by its getWeights() and restored by its setWeights()', async () => {
    const store = new MemoryStore();
    const optimizer = () => new Slowing();
    const first = createLineEstimator({ optimizer }, new MemoryPorts(store));
    await first.estimator.setup(lineInputs);
    await first.estimator.train();
    await first.estimator.saveCkpt();
    await first.estimator.train();
    const second = createLineEstimator({ optimizer }, new MemoryPorts(store));
    await second.estimator.recover();
    await second.estimator.setup(lineInputs);
    const tensorsBefore = tf.memory().numTensors;
    await second.estimator.train();
    expect(tf.memory().numTensors).toBe(tensorsBefore);
    expect(second.ports.losses).toEqual(first.ports.losses.slice(5));
    class Stateless extends Slowing {
      override getWeights = () => Promise.reject(new Error('not implemented'));
    }
    const third = createLineEstimator({ optimizer: () => new Stateless() });
    await third.estimator.setup(lineInputs);
    await expect(third.estimator.saveCkpt()).rejects.toThrow(/optimizer Slowing.*not implemented/);
  });

  it('of a custom optimizer is not part of a graph, so its model needs the code', async () => {
    const params = { optimizer: () => new Slowing() };
    const { estimator, ports } = createLineEstimator(params);
    await estimator.setup(lineInputs);
    expect(ports.progress.log.join()).toMatch(/one that checkpoints do not contain/);
    await estimator.close();
    const options = { modelFn: lineModelFn, params, execution: 'graph' } as const;
    const replaying = new Estimator(options, new MemoryPorts());
    await expect(replaying.setup(lineInputs)).rejects.toThrow(
      /'graph' needs a model function that can be traced.*getVariable/,
    );
    expect(() => new Estimator({ ...options, execution: 'fast' as 'graph' }, ports)).toThrow(
      OptionError,
    );
  });

  it('is reset by a checkpoint from before the first step', async () => {
    const { estimator, ports } = createLineEstimator({ optimizer: () => tf.train.adam(0.05) });
    await estimator.setup(lineInputs);
    await estimator.saveCkpt();
    await estimator.train();
    const [file] = [...estimator.checkpoints.values()].map((entry) => entry.file);
    await estimator.restoreCkpt(file ?? '');
    expect(estimator.globalStep).toBe(0);
    const losses = ports.losses;
    ports.sinks.train.points.length = 0;
    const again = createLineEstimator({ optimizer: () => tf.train.adam(0.05) }, ports);
    await again.estimator.recover();
    await again.estimator.setup(lineInputs);
    await again.estimator.train();
    expect(ports.losses).toEqual(losses);
  });

  it('starts from zero if the checkpoint has none, in each execution alike', async () => {
    const params = { optimizer: () => tf.train.sgd(0.1) };
    const losses = [];
    for (const execution of ['eager', 'graph'] as const) {
      const ports = new MemoryPorts();
      const adam = { optimizer: () => tf.train.adam(0.1) };
      const options = { modelFn: lineModelFn, params: adam, seed: 7, execution };
      const sgd = new Estimator({ modelFn: lineModelFn, params, seed: 7 }, ports);
      await sgd.setup(lineInputs);
      await sgd.train().saveCkpt();
      await sgd.close();
      const adamPorts = new MemoryPorts(ports.store);
      const estimator = new Estimator(options, adamPorts);
      await estimator.setup(lineInputs);
      await estimator.restoreLatestCkpt();
      await estimator.train();
      losses.push(adamPorts.losses);
      await estimator.close();
    }
    expect(losses[0]).toHaveLength(5);
    expect(losses[1]).toEqual(losses[0]);
  });
});

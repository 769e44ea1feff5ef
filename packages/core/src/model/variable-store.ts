import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import { disposeMasks } from '../layers/dispose-masks';
import { layersWithin } from '../layers/layers-within';

/** A variable of the model under the name that checkpoints know it by. */
export interface ModelVariable {
  readonly name: string;
  readonly variable: tf.Variable;
  /** Whether the optimizer may change it; asked anew each step, since layers can be frozen. */
  readonly isTrainable: () => boolean;
  /** False for variables of a layer or model that the user made and disposes. */
  readonly owned: boolean;
  /** Puts the value back within the bounds that the layer was given, after an update. */
  readonly constrain?: (() => void) | undefined;
}

/** Keys that a checkpoint has beside the model's variables. */
const reserved = /^(global_step|beta[12]_power|adamax_iteration|(optimizer|elistimator)\/.*)$/;

/**
 * The variables of one model, by name and in the order of their making, and the tfjs layers that
 * hold them. Lives as long as its estimator; every call of the model function draws on it.
 */
export class VariableStore {
  readonly #variables = new Map<string, ModelVariable>();
  readonly #layers = new Map<string, tf.layers.Layer>();
  readonly #configs = new Map<string, string>();
  /** The full name under which a layer or model of the user's own was first applied. */
  readonly #applied = new Map<tf.layers.Layer, string>();
  /** The regularizers of all layers; found when first asked for. */
  #penalties: readonly (() => tf.Scalar)[] | undefined;
  /** While the model is built: what to put back. Variables are made only then. */
  #originals: Map<tf.Variable, tf.Tensor> | undefined;

  /** @param seed what the initial values of variables are drawn from */
  constructor(readonly seed: number) {}

  get size(): number {
    return this.#variables.size;
  }

  get(name: string): ModelVariable | undefined {
    return this.#variables.get(name);
  }

  /** Every variable, oldest first. */
  all(): readonly ModelVariable[] {
    return [...this.#variables.values()];
  }

  /**
   * @throws ModelFnError when the model is built already, or the name is one that checkpoints use
   *   for something else
   */
  assertMakeable(name: string): void {
    if (reserved.test(name)) {
      throw new ModelFnError({
        subject: `variable "${name}"`,
        expected: 'a name that is free in a checkpoint',
        actual: 'one that the optimizer or the loop uses',
        fix: 'Give it another name.',
      });
    }
    if (this.#originals !== undefined) return;
    throw new ModelFnError({
      subject: `layer or variable "${name}"`,
      expected: `one of the ${this.size} variables that setup() made`,
      actual: 'a new one in a later call of the model function',
      fix: 'Make every layer and variable in every call, in training and otherwise, whatever the features hold.',
    });
  }

  add(added: ModelVariable): void {
    this.assertMakeable(added.name);
    this.#variables.set(added.name, added);
    this.#keepOriginal(added.variable);
  }

  /** The name that a layer or model of the user's own goes by; undefined before it is applied. */
  appliedName(layer: tf.layers.Layer): string | undefined {
    return this.#applied.get(layer);
  }

  /** Notes the name of a layer or model of the user's own. */
  addApplied(layer: tf.layers.Layer, name: string): void {
    this.#applied.set(layer, name);
  }

  /** What the layers' regularizers add to the training loss. */
  regularizationLosses(): tf.Scalar[] {
    this.#penalties ??= this.#findPenalties();
    return this.#penalties.map((penalty) => penalty());
  }

  /** Each layer's own, since those of models and recurrent layers leave out the layers within them. */
  #findPenalties(): readonly (() => tf.Scalar)[] {
    const roots = [...this.#layers.values(), ...this.#applied.keys()];
    const all = new Set(roots.flatMap((layer) => [...layersWithin(layer)]));
    const own = [...all].filter((layer) => !(layer instanceof tf.LayersModel));
    return [...new Set(own.flatMap(({ losses }) => losses))];
  }

  /** Runs `fn`, then puts every variable back to the value it had. */
  preserve<T>(fn: () => T): T {
    const values = this.all().map(({ variable }) => [variable, tf.keep(variable.clone())] as const);
    try {
      return fn();
    } finally {
      for (const [variable, value] of values) {
        variable.assign(value);
        value.dispose();
      }
    }
  }

  #keepOriginal(variable: tf.Variable): void {
    this.#originals?.set(variable, tf.keep(variable.clone()));
  }

  /**
   * Runs `fn`, in which variables may be made, then puts every variable back to the value it had, or
   * was made with. When `fn` throws, what was made meanwhile is dropped too.
   */
  build<T>(fn: () => T): T {
    const variables = new Set(this.#variables.keys());
    const layers = new Set(this.#layers.keys());
    const applied = new Set(this.#applied.values());
    this.#originals = new Map();
    for (const { variable } of this.#variables.values()) this.#keepOriginal(variable);
    try {
      return fn();
    } catch (error) {
      this.#dropExcept(variables, layers, applied);
      throw error;
    } finally {
      for (const [variable, value] of this.#originals) {
        if (!variable.isDisposed) variable.assign(value);
        value.dispose();
      }
      this.#originals = undefined;
      this.#penalties = undefined;
    }
  }

  #dropExcept(
    variables: ReadonlySet<string>,
    layers: ReadonlySet<string>,
    applied: ReadonlySet<string>,
  ): void {
    for (const [name, { variable, owned }] of this.#variables) {
      if (variables.has(name)) continue;
      if (owned) variable.dispose();
      this.#variables.delete(name);
    }
    for (const [name, layer] of this.#layers) {
      if (layers.has(name)) continue;
      disposeMasks(layer);
      this.#layers.delete(name);
      this.#configs.delete(name);
    }
    for (const [layer, name] of this.#applied) {
      if (!applied.has(name)) this.#applied.delete(layer);
    }
  }

  layer(name: string): tf.layers.Layer | undefined {
    return this.#layers.get(name);
  }

  addLayer(name: string, layer: tf.layers.Layer, config: string): void {
    this.#layers.set(name, layer);
    this.#configs.set(name, config);
  }

  /** The configuration that a layer was made with, as `addLayer` got it. */
  layerConfig(name: string): string | undefined {
    return this.#configs.get(name);
  }

  /** Frees the variables that are the store's own. */
  dispose(): void {
    this.#dropExcept(new Set(), new Set(), new Set());
  }
}

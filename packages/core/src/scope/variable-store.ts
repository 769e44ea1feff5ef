import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import { disposeMasks, layersWithin } from './inner-layers';

/** A variable of the model, under its name in checkpoints. */
export interface ModelVariable {
  readonly name: string;
  readonly variable: tf.Variable;
  /** Whether the optimizer may change it. Evaluated at each step, since layers can be frozen. */
  readonly isTrainable: () => boolean;
  /** False for variables of a layer or model that the user created and disposes. */
  readonly owned: boolean;
  /** Applies the layer's constraint after an update. */
  readonly constrain?: (() => void) | undefined;
}

/** Names that a checkpoint uses for optimizer state and counters. */
const reserved = /^(global_step|beta[12]_power|adamax_iteration|(optimizer|elistimator)\/.*)$/;

/**
 * The variables of one model, by name and in creation order, and the tfjs layers that hold them. Lives
 * as long as its estimator and is shared by all calls of the model function.
 */
export class VariableStore {
  readonly #variables = new Map<string, ModelVariable>();
  readonly #layers = new Map<string, tf.layers.Layer>();
  readonly #configs = new Map<string, string>();
  /** The full name under which each of the user's own layers or models was first applied. */
  readonly #applied = new Map<tf.layers.Layer, string>();
  /** The regularizers of all layers, collected at first use. */
  #penalties: readonly (() => tf.Scalar)[] | undefined;
  /** While the model is built: the values to put back. Variables can be created only then. */
  #originals: Map<tf.Variable, tf.Tensor> | undefined;

  /** @param seed determines the initial values of variables */
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
   * @throws ModelFnError when the model is already built, or the name is reserved in checkpoints
   */
  assertCanCreate(name: string): void {
    if (reserved.test(name)) {
      throw new ModelFnError({
        subject: `variable "${name}"`,
        expected: 'a name that is not reserved in checkpoints',
        actual: 'a name that the optimizer or the training loop uses',
        fix: 'Choose another name.',
      });
    }
    if (this.#originals !== undefined) return;
    throw new ModelFnError({
      subject: `layer or variable "${name}"`,
      expected: `one of the ${this.size} variables that setup() created`,
      actual: 'a new one in a later call of the model function',
      fix: 'Create every layer and variable in every call, whether training or not and whatever the features hold.',
    });
  }

  add(added: ModelVariable): void {
    this.assertCanCreate(added.name);
    this.#variables.set(added.name, added);
    this.#keepOriginal(added.variable);
  }

  /** The name of one of the user's own layers or models; undefined before it is first applied. */
  appliedName(layer: tf.layers.Layer): string | undefined {
    return this.#applied.get(layer);
  }

  /** Remembers the name of one of the user's own layers or models. */
  addApplied(layer: tf.layers.Layer, name: string): void {
    this.#applied.set(layer, name);
  }

  /** The layers' regularization losses, which training adds to its loss. */
  regularizationLosses(): tf.Scalar[] {
    this.#penalties ??= this.#findPenalties();
    return this.#penalties.map((penalty) => penalty());
  }

  /** Collects per layer, since the losses of models and recurrent layers omit their inner layers. */
  #findPenalties(): readonly (() => tf.Scalar)[] {
    const roots = [...this.#layers.values(), ...this.#applied.keys()];
    const all = new Set(roots.flatMap((layer) => [...layersWithin(layer)]));
    const own = [...all].filter((layer) => !(layer instanceof tf.LayersModel));
    return [...new Set(own.flatMap(({ losses }) => losses))];
  }

  /** Runs `fn`, then restores every variable to its earlier value. */
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
   * Runs `fn`, which may create variables, then restores every variable to its earlier or initial
   * value. If `fn` throws, variables created by it are dropped.
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

  /** The configuration that was passed to `addLayer`. */
  layerConfig(name: string): string | undefined {
    return this.#configs.get(name);
  }

  /** Frees the variables that the store owns. */
  dispose(): void {
    this.#dropExcept(new Set(), new Set(), new Set());
  }
}

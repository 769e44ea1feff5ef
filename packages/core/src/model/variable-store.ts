import * as tf from '@tensorflow/tfjs';

/** A variable of the model under the name that checkpoints know it by. */
export interface ModelVariable {
  readonly name: string;
  readonly variable: tf.Variable;
  /** Whether the optimizer may change it; asked anew each step, since layers can be frozen. */
  readonly isTrainable: () => boolean;
  /** False for variables of a layer or model that the user made and disposes. */
  readonly owned: boolean;
}

/**
 * The variables of one model, by name and in the order of their making, and the tfjs layers that
 * hold them. Lives as long as its estimator; every call of the model function draws on it.
 */
export class VariableStore {
  readonly #variables = new Map<string, ModelVariable>();
  readonly #layers = new Map<string, tf.layers.Layer>();
  readonly #configs = new Map<string, string>();
  /** During a trial: what to put back. */
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

  add(added: ModelVariable): void {
    this.#variables.set(added.name, added);
    this.#keepOriginal(added.variable);
  }

  #keepOriginal(variable: tf.Variable): void {
    this.#originals?.set(variable, tf.keep(variable.clone()));
  }

  /**
   * Runs `fn`, then puts every variable back to the value it had, or was made with. When `fn` throws,
   * what was made meanwhile is dropped too.
   */
  trial<T>(fn: () => T): T {
    const variables = new Set(this.#variables.keys());
    const layers = new Set(this.#layers.keys());
    this.#originals = new Map();
    for (const { variable } of this.#variables.values()) this.#keepOriginal(variable);
    try {
      return fn();
    } catch (error) {
      this.#dropExcept(variables, layers);
      throw error;
    } finally {
      for (const [variable, value] of this.#originals) {
        if (!variable.isDisposed) variable.assign(value);
        value.dispose();
      }
      this.#originals = undefined;
    }
  }

  #dropExcept(variables: ReadonlySet<string>, layers: ReadonlySet<string>): void {
    for (const [name, { variable, owned }] of this.#variables) {
      if (variables.has(name)) continue;
      if (owned) variable.dispose();
      this.#variables.delete(name);
    }
    for (const name of this.#layers.keys()) {
      if (layers.has(name)) continue;
      this.#layers.delete(name);
      this.#configs.delete(name);
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
    this.#dropExcept(new Set(), new Set());
  }
}

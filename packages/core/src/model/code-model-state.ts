import type * as tf from '@tensorflow/tfjs';
import type { CheckpointTensor } from '../ports';
import type { ModelVariable, VariableStore } from '../scope/variable-store';
import { assignAll, toCheckpointTensor } from './checkpoint-tensors';
import {
  assignByName,
  type ModelState,
  namedVariable,
  type RestoreStateOptions,
  requiredAssignment,
  type VariableInfo,
} from './model-state';
import type { OptimizerState } from './optimizer-state';

/** The variables of a model function and its optimizer. */
export class CodeModelState implements ModelState {
  readonly #store: VariableStore;
  readonly #optimizer: () => OptimizerState | undefined;
  #all:
    | { readonly version: string; readonly variables: ReadonlyMap<string, tf.Variable> }
    | undefined;

  constructor(store: VariableStore, optimizer: () => OptimizerState | undefined) {
    this.#store = store;
    this.#optimizer = optimizer;
  }

  get variables(): readonly VariableInfo[] {
    const model = this.#store.all().map(({ name, variable, isTrainable }) => ({
      name,
      dtype: variable.dtype,
      shape: variable.shape,
      trainable: isTrainable(),
      role: 'model' as const,
    }));
    const slots = [...(this.#optimizer()?.variables() ?? [])].map(([name, variable]) => ({
      name,
      dtype: variable.dtype,
      shape: variable.shape,
      trainable: false,
      role: 'optimizer' as const,
    }));
    return [...model, ...slots];
  }

  /** The variables that training changes at present. */
  trained(): readonly ModelVariable[] {
    return this.#store.all().filter(({ isTrainable }) => isTrainable());
  }

  /** Model variables, then those of the optimizer, by name. Cached, since every step by graph reads it. */
  all(): ReadonlyMap<string, tf.Variable> {
    const optimizer = this.#optimizer();
    const version = `${this.#store.size} ${optimizer?.version}`;
    if (this.#all?.version !== version) {
      const variables = new Map([...this.#modelVariables(), ...(optimizer?.variables() ?? [])]);
      this.#all = { version, variables };
    }
    return this.#all.variables;
  }

  #modelVariables(): ReadonlyMap<string, tf.Variable> {
    return new Map(this.#store.all().map(({ name, variable }) => [name, variable]));
  }

  tensor(name: string): tf.Variable {
    return this.#store.get(name)?.variable ?? namedVariable(this.all(), name);
  }

  async read(names?: readonly string[]): Promise<CheckpointTensor[]> {
    if (names !== undefined) {
      return Promise.all(names.map((name) => toCheckpointTensor(name, this.tensor(name))));
    }
    // All reads start before the first await, so that they are of one moment.
    const variables = [...this.#modelVariables()].map(([name, variable]) =>
      toCheckpointTensor(name, variable),
    );
    const optimizer = this.#optimizer()?.read();
    return [...(await Promise.all(variables)), ...((await optimizer) ?? [])];
  }

  async assign(tensors: readonly CheckpointTensor[]): Promise<void> {
    assignByName(this.#modelVariables(), tensors);
  }

  async restore(
    tensors: readonly CheckpointTensor[],
    options: RestoreStateOptions = {},
  ): Promise<void> {
    const saved = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const assignments = [...this.#modelVariables()].map(([name, variable]) =>
      requiredAssignment(name, variable, saved),
    );
    const restoreOptimizer = this.#optimizer()?.prepareRestore(saved, this.trained(), options);
    const before = assignments.map(([variable]) => [variable, variable.clone()] as const);
    try {
      assignAll(assignments);
      await restoreOptimizer?.();
    } catch (error) {
      for (const [variable, value] of before) variable.assign(value);
      throw error;
    } finally {
      for (const [, value] of before) value.dispose();
    }
  }
}

import { reasonOf } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import type { CheckpointTensor } from '../ports';
import type { ModelVariable } from '../scope/variable-store';
import {
  assertFits,
  assignAll,
  int64Scalar,
  integerOf,
  toCheckpointTensor,
} from './checkpoint-tensors';
import {
  assertHyperparameters,
  type Hyperparameters,
  hyperparameterTensors,
  parseHyperparameters,
  type StepScalars,
  savedHyperparameters,
  stepScalars,
} from './hyperparameters';
import type { ModelOptimizer } from './model';
import type { RestoreStateOptions } from './model-state';
import { SettingsCheck, structureOf, withCurrentTensors } from './optimizer-settings';
import { layoutOf, type OptimizerLayout, type ScalarInputs } from './optimizer-updates';

/** A slot variable as tfjs's optimizers keep it: indexed by its variable in the list of gradients. */
interface SlotVariable {
  readonly originalName: string;
  readonly variable: tf.Variable;
}

/** tfjs declares its optimizers' state private, and its `getWeights()` omits part of it. */
type Fields = Record<string, unknown>;

/** The key of an optimizer's count of steps. */
export const ITERATIONS = 'optimizer/iterations';
const customKey = (index: number): string => `optimizer/weights/${index}`;

/**
 * A tfjs optimizer with its state: the slots of each variable, and for Adam the accumulated powers of
 * beta themselves, which tfjs's own `setWeights` recomputes and so lets drift from an unbroken run.
 *
 * A custom optimizer is applied by its `applyGradients()` and saved by its `getWeights()` and
 * `setWeights()`.
 */
export class OptimizerState implements ModelOptimizer {
  readonly #isOwned: boolean;
  readonly #layout: OptimizerLayout | undefined;
  /** tfjs indexes slots, so a variable keeps its index from its first gradient on. */
  #indexed: ModelVariable[] = [];
  #version = 0;
  readonly #check: SettingsCheck | undefined;
  /** Whether the count of steps is that of the restored state. */
  #countsSteps = true;
  /** The betas from which the powers of beta were computed, by the powers' fields. */
  readonly #betas = new Map<string, number>();

  /** @param isOwned whether it was created for this model; one that the user created stays usable */
  constructor(
    readonly instance: tf.Optimizer,
    isOwned: boolean,
  ) {
    this.#isOwned = isOwned;
    this.#layout = layoutOf(instance);
    this.#check = this.#layout && new SettingsCheck(instance);
    this.#takeUpBetas();
  }

  get #fields(): Fields {
    return this.instance as unknown as Fields;
  }

  /** Changes whenever `variables()` may have changed. */
  get version(): number {
    return this.#version;
  }

  #slots(field: string): SlotVariable[] {
    return (this.#fields[field] as SlotVariable[] | undefined) ?? [];
  }

  /** Whether hyperparameters are inputs of a step; false if the optimizer overrides tfjs's update rule. */
  get takesScalars(): boolean {
    return (
      this.#layout !== undefined &&
      this.instance.applyGradients === this.#layout.base.prototype.applyGradients
    );
  }

  /** The numeric settings in the optimizer's fields; for a custom one those with tfjs's names. */
  get hyperparameters(): Hyperparameters {
    return parseHyperparameters(this.#fields);
  }

  get stepScalars(): StepScalars {
    return stepScalars(this.hyperparameters);
  }

  /** What an update is made of, apart from numbers. */
  get structure(): string {
    return structureOf(this.instance);
  }

  prepareStep(): StepScalars {
    this.#check?.assertValid();
    this.#takeUpBetas();
    return this.stepScalars;
  }

  /** Before the first step the powers of beta are beta itself, which may have changed since tfjs set them. */
  #takeUpBetas(): void {
    if (this.instance.iterations > 0 || !this.#countsSteps) return;
    for (const [field, , setting] of this.#layout?.scalars ?? []) {
      if (setting === undefined) continue;
      const beta = Number(this.#fields[setting]);
      if (this.#betas.get(field) === beta) continue;
      this.#betas.set(field, beta);
      tf.tidy(() => (this.#fields[field] as tf.Variable).assign(tf.scalar(beta)));
    }
  }

  setHyperparameters(changes: Hyperparameters): void {
    assertHyperparameters(this.#settable(this.hyperparameters), changes);
    const { setLearningRate } = this.#fields;
    for (const [name, value] of Object.entries(changes)) {
      // A subclass may compute something from it.
      if (name === 'learningRate' && typeof setLearningRate === 'function') {
        setLearningRate.call(this.instance, value);
      }
      this.#fields[name] = value;
    }
  }

  /** Those that can be assigned; a custom optimizer may compute its learning rate. */
  #settable(hyperparameters: Hyperparameters): Hyperparameters {
    const entries = Object.entries(hyperparameters);
    return Object.fromEntries(entries.filter(([name]) => isWritable(this.instance, name)));
  }

  /**
   * Changes the variables by their gradients, which stay the caller's.
   *
   * @param scalars the step's scalars as tensors; unused by an optimizer with its own update rule
   */
  apply(
    variables: readonly ModelVariable[],
    gradients: tf.NamedTensorMap,
    scalars: ScalarInputs,
  ): void {
    const layout = this.#layout;
    if (layout === undefined || !this.takesScalars) {
      this.#applyCustom(variables, gradients);
      return;
    }
    this.createSlots(variables);
    const indices = new Map(this.#indexed.map((variable, index) => [variable, index]));
    const inputs = variables.flatMap((variable) => {
      const gradient = gradients[variable.variable.name];
      if (gradient === undefined || gradient === null) return [];
      const index = indices.get(variable) ?? -1;
      const slots = layout.slots.flatMap(([field]) => this.#slots(field)[index]?.variable ?? []);
      return [{ value: variable.variable, gradient, slots }];
    });
    const state = (layout.scalars ?? []).map(([field]) => this.#fields[field] as tf.Variable);
    const options = { useNesterov: this.#fields.useNesterov === true };
    // The name of the tidy is the scope of the update in a graph.
    tf.tidy(this.instance.getClassName(), () => layout.update(inputs, scalars, state, options));
    this.countStep();
  }

  #applyCustom(variables: readonly ModelVariable[], gradients: tf.NamedTensorMap): void {
    this.#index(variables);
    // A variable without a gradient keeps its index; tfjs's optimizers skip it.
    const byIndex = this.#indexed.map(({ variable: { name } }) => ({
      name,
      tensor: gradients[name] as tf.Tensor,
    }));
    const update = () =>
      withCurrentTensors(this.instance, () => this.instance.applyGradients(byIndex));
    // A custom optimizer may keep tensors, which a tidy would free.
    if (this.#layout === undefined) update();
    else tf.tidy(this.instance.getClassName(), update);
    this.#version += 1;
  }

  /** Counts a step that was executed elsewhere. */
  countStep(): void {
    // By its own method, which a trace undoes; tfjs declares it protected.
    (this.instance as unknown as { incrementIterations(): void }).incrementIterations();
  }

  #index(variables: readonly ModelVariable[]): void {
    const indexed = new Set(this.#indexed);
    for (const variable of variables) if (!indexed.has(variable)) this.#indexed.push(variable);
  }

  /** Creates the slots of variables that have none yet, in the form in which tfjs keeps them. */
  createSlots(variables: readonly ModelVariable[]): void {
    this.#index(variables);
    const layout = this.#layout;
    if (layout === undefined || layout.slots.length === 0) return;
    const initial = layout.slotInitial === undefined ? 0 : Number(this.#fields[layout.slotInitial]);
    for (const [field, , tfjsSuffix] of layout.slots) {
      const slots = this.#slots(field);
      this.#indexed.forEach(({ variable }, index) => {
        if (slots[index] !== undefined) return;
        const slot = tf.tidy(() => tf.variable(tf.fill(variable.shape, initial), false));
        slots[index] = { originalName: `${variable.name}/${tfjsSuffix}`, variable: slot };
        this.#version += 1;
      });
      this.#fields[field] = slots;
    }
  }

  /**
   * The variables that hold the state, by their keys in a checkpoint. Slots don't exist before the
   * first step or trace. Those of a custom optimizer are not known.
   */
  variables(): ReadonlyMap<string, tf.Variable> {
    const named = new Map<string, tf.Variable>();
    for (const [field, suffix] of this.#layout?.slots ?? []) {
      this.#slots(field).forEach(({ variable }, index) => {
        const name = this.#indexed[index]?.name;
        if (name !== undefined) named.set(`${name}/${suffix}`, variable);
      });
    }
    for (const [field, key] of this.#layout?.scalars ?? []) {
      named.set(key, this.#fields[field] as tf.Variable);
    }
    return named;
  }

  /** The initial value of every element of each state variable, by key. */
  initialValues(): Record<string, number> {
    const layout = this.#layout;
    const scalars = new Map(layout?.scalars?.map(([, key, initial]) => [key, initial]));
    return Object.fromEntries(
      [...this.variables().keys()].map((key) => {
        const field = scalars.has(key) ? scalars.get(key) : layout?.slotInitial;
        return [key, field === undefined ? 0 : Number(this.#fields[field])];
      }),
    );
  }

  /** Reads back the complete state for a checkpoint. */
  async read(): Promise<CheckpointTensor[]> {
    const hyperparameters = hyperparameterTensors(this.hyperparameters);
    if (this.#layout === undefined) return [...(await this.#readCustom()), ...hyperparameters];
    const iterations = int64Scalar(ITERATIONS, this.instance.iterations);
    const tensors = await Promise.all(
      [...this.variables()].map(([key, variable]) => toCheckpointTensor(key, variable)),
    );
    return [...tensors, iterations, ...hyperparameters];
  }

  async #readCustom(): Promise<CheckpointTensor[]> {
    const weights = await this.instance.getWeights().catch((cause: unknown) => {
      throw new ModelFnError(
        {
          subject: `optimizer ${this.instance.getClassName()}`,
          expected: 'getWeights() and setWeights(), by which its state is saved and restored',
          actual: reasonOf(cause),
          fix: 'Implement both. For an optimizer without state, getWeights() resolves to [] and setWeights() does nothing.',
        },
        { cause },
      );
    });
    try {
      return await Promise.all(
        weights.map(({ tensor }, index) => toCheckpointTensor(customKey(index), tensor)),
      );
    } finally {
      // Tensors that are not its variables were created for this call.
      for (const { tensor } of weights) if (!(tensor instanceof tf.Variable)) tensor.dispose();
    }
  }

  /**
   * Checks a checkpoint against the optimizer and returns a function that restores it. State that the
   * checkpoint lacks, because it was saved before the first step, starts anew.
   *
   * @throws VariableMismatchError when a slot's shape differs from its variable's
   */
  prepareRestore(
    saved: ReadonlyMap<string, CheckpointTensor>,
    variables: readonly ModelVariable[],
    { keepHyperparameters = false }: RestoreStateOptions = {},
  ): () => Promise<void> {
    this.#index(variables);
    const hyperparameters = keepHyperparameters
      ? undefined
      : this.#settable(savedHyperparameters(saved.values(), this.hyperparameters) ?? {});
    // Before anything changes, so that the setting below can't fail.
    if (hyperparameters !== undefined) assertHyperparameters(this.hyperparameters, hyperparameters);
    const restoreState = this.#prepareRestoreState(saved);
    return async () => {
      await restoreState();
      if (hyperparameters !== undefined) this.setHyperparameters(hyperparameters);
    };
  }

  #prepareRestoreState(saved: ReadonlyMap<string, CheckpointTensor>): () => Promise<void> {
    const layout = this.#layout;
    if (layout === undefined) return () => this.#restoreCustom(saved);
    const slots = layout.slots.map(([field, suffix]) => ({
      field,
      tensors: this.#indexed.flatMap((variable, index) => {
        const tensor = saved.get(`${variable.name}/${suffix}`);
        if (tensor === undefined) return [];
        assertFits(tensor, variable.variable);
        return [{ index, variable, tensor }];
      }),
    }));
    const scalars = (layout.scalars ?? []).map(([field, key, initial]) => ({
      variable: this.#fields[field] as tf.Variable,
      tensor: saved.get(key),
      initial: initial === undefined ? 0 : Number(this.#fields[initial]),
    }));
    for (const { tensor, variable } of scalars) if (tensor) assertFits(tensor, variable);
    const iterations = saved.get(ITERATIONS);
    return async () => {
      for (const { field, tensors } of slots) this.#replaceSlots(field, tensors);
      for (const { variable, tensor, initial } of scalars) {
        if (tensor) assignAll([[variable, tensor]]);
        else tf.tidy(() => variable.assign(tf.scalar(initial)));
      }
      this.#fields.iterations_ = iterations === undefined ? 0 : integerOf(iterations);
      // A checkpoint of TensorFlow 1 has powers of beta, but not the number of steps.
      this.#countsSteps = iterations !== undefined;
      this.#betas.clear();
    };
  }

  #replaceSlots(
    field: string,
    saved: readonly { index: number; variable: ModelVariable; tensor: CheckpointTensor }[],
  ): void {
    for (const { variable } of Object.values(this.#slots(field))) variable.dispose();
    // Indices without a saved slot stay holes, which the next step fills.
    const slots: SlotVariable[] = [];
    for (const { index, variable, tensor } of saved) {
      const slot = tf.tidy(() => tf.variable(tf.zerosLike(variable.variable), false));
      assignAll([[slot, tensor]]);
      slots[index] = { originalName: tensor.name, variable: slot };
    }
    this.#fields[field] = slots;
    this.#version += 1;
  }

  async #restoreCustom(saved: ReadonlyMap<string, CheckpointTensor>): Promise<void> {
    const weights: { name: string; tensor: tf.Tensor }[] = [];
    for (let index = 0; ; index++) {
      const tensor = saved.get(customKey(index));
      if (tensor === undefined) break;
      const { data, shape, dtype } = tensor;
      weights.push({
        name: tensor.name,
        tensor: tf.tensor(data as Float32Array, [...shape], dtype as 'float32'),
      });
    }
    try {
      if (weights.length > 0) await this.instance.setWeights(weights);
    } finally {
      tf.dispose(weights.map(({ tensor }) => tensor));
    }
  }

  /** Frees the optimizer; of one that the user created only the slots of this model. */
  dispose(): void {
    if (this.#isOwned) {
      this.instance.dispose();
      // tf.train.momentum does not free the learning rate that it inherits from tf.train.sgd.
      const { c } = this.#fields;
      if (c instanceof tf.Tensor && !c.isDisposed) c.dispose();
    } else for (const [field] of this.#layout?.slots ?? []) this.#replaceSlots(field, []);
    this.#indexed = [];
  }
}

/** Whether a property of an object can be assigned. */
const isWritable = (object: object, name: string): boolean => {
  for (let owner: object | null = object; owner !== null; owner = Object.getPrototypeOf(owner)) {
    const property = Object.getOwnPropertyDescriptor(owner, name);
    if (property !== undefined) return property.writable === true || property.set !== undefined;
  }
  return true;
};

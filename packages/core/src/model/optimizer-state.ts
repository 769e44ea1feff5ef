import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import type { CheckpointTensor } from '../ports/checkpoint-store';
import {
  assignAll,
  checkFits,
  int64Scalar,
  integerOf,
  toCheckpointTensor,
} from './checkpoint-tensors';
import type { ModelVariable } from './variable-store';

/** A slot variable as tfjs's optimizers keep it: by its variable's place in the list of gradients. */
interface SlotVariable {
  readonly originalName: string;
  readonly variable: tf.Variable;
}

/** How one of tfjs's optimizers keeps its state, and what TensorFlow 1 calls it in a checkpoint. */
interface Layout {
  /** From the optimizer's field to the suffix of the checkpoint's key, as `conv2d/kernel/Adam`. */
  readonly slots: readonly (readonly [field: string, suffix: string])[];
  /** The field of the value that slots start with; 0 without one. */
  readonly slotInitial?: string;
  /** From the field of a scalar variable to its key and the field of its initial value (0 without one). */
  readonly scalars?: readonly (readonly [field: string, key: string, initial?: string])[];
}

const betaPower = (n: 1 | 2) => [`accBeta${n}`, `beta${n}_power`, `beta${n}`] as const;

/** By the optimizer's class name. The keys are those of TensorFlow 1's `tf.train.Saver`. */
const layouts: Readonly<Record<string, Layout>> = {
  SGD: { slots: [] },
  Momentum: { slots: [['accumulations', 'Momentum']] },
  Adagrad: { slots: [['accumulatedGrads', 'Adagrad']], slotInitial: 'initialAccumulatorValue' },
  Adadelta: {
    slots: [
      ['accumulatedGrads', 'Adadelta'],
      ['accumulatedUpdates', 'Adadelta_1'],
    ],
  },
  Adam: {
    slots: [
      ['accumulatedFirstMoment', 'Adam'],
      ['accumulatedSecondMoment', 'Adam_1'],
    ],
    scalars: [betaPower(1), betaPower(2)],
  },
  Adamax: {
    slots: [
      ['accumulatedFirstMoment', 'AdaMax'],
      ['accumulatedWeightedInfNorm', 'AdaMax_1'],
    ],
    scalars: [betaPower(1), ['iteration', 'adamax_iteration']],
  },
  RMSProp: {
    slots: [
      ['accumulatedMeanSquares', 'RMSProp'],
      ['accumulatedMoments', 'RMSProp_1'],
    ],
  },
};

/** The centred RMSProp has its mean gradients between the two. */
const centeredRmsProp: Layout = {
  slots: [
    ['accumulatedMeanSquares', 'RMSProp'],
    ['accumulatedMeanGrads', 'RMSProp_1'],
    ['accumulatedMoments', 'RMSProp_2'],
  ],
};

/** tfjs declares its optimizers' state private, and its own getWeights() leaves part of it out. */
type Fields = Record<string, unknown>;

/**
 * The class names of an optimizer and of what it extends, nearest first. (`instanceof` holds of every
 * pair of optimizers: tfjs decides it by their methods.)
 */
const classNames = (optimizer: tf.Optimizer): readonly string[] => {
  const names: string[] = [];
  let prototype: unknown = Object.getPrototypeOf(optimizer);
  while (prototype !== null && prototype !== undefined) {
    const { className } = (prototype as { constructor: { className?: unknown } }).constructor;
    if (typeof className === 'string') names.push(className);
    prototype = Object.getPrototypeOf(prototype);
  }
  return names;
};

/** The key of an optimizer's count of steps. */
export const ITERATIONS = 'optimizer/iterations';
const customKey = (index: number): string => `optimizer/weights/${index}`;

/**
 * An optimizer with its state: the slots for each variable, and for Adam the accumulated powers of
 * beta themselves, which tfjs's own `setWeights` recomputes and so lets drift from an unbroken run.
 *
 * An optimizer of your own is saved through its `getWeights()` and `setWeights()`.
 */
export class OptimizerState {
  readonly #isOwn: boolean;
  /** tfjs keeps slots by place, so a variable keeps its place from its first gradient on. */
  #places: ModelVariable[] = [];

  /** @param isOwn whether it was made for this model; one that the user made stays usable */
  constructor(
    readonly optimizer: tf.Optimizer,
    isOwn: boolean,
  ) {
    this.#isOwn = isOwn;
  }

  get #fields(): Fields {
    return this.optimizer as unknown as Fields;
  }

  get #layout(): Layout | undefined {
    const name = classNames(this.optimizer).find((className) => className in layouts);
    if (name === 'RMSProp' && this.#fields.centered === true) return centeredRmsProp;
    return name === undefined ? undefined : layouts[name];
  }

  #slots(field: string): SlotVariable[] {
    return (this.#fields[field] as SlotVariable[] | undefined) ?? [];
  }

  /** tfjs's optimizers keep it in a field of this name; undefined for one that does not. */
  get learningRate(): number | undefined {
    const { learningRate } = this.#fields;
    return typeof learningRate === 'number' ? learningRate : undefined;
  }

  /** Changes the variables by their gradients; frees nothing that is not its own. */
  apply(variables: readonly ModelVariable[], gradients: tf.NamedTensorMap): void {
    this.#place(variables);
    // A variable without a gradient keeps its place; tfjs's optimizers pass it over.
    const byPlace = this.#places.map(({ variable: { name } }) => ({
      name,
      tensor: gradients[name] as tf.Tensor,
    }));
    const update = () => this.optimizer.applyGradients(byPlace);
    // The tidy's name is the scope of the update in a graph. One of your own may keep tensors without a word.
    if (this.#layout === undefined) update();
    else tf.tidy(this.optimizer.getClassName(), update);
  }

  /** Counts a step that a graph did, as `apply` does by itself. */
  countStep(): void {
    this.#fields.iterations_ = this.optimizer.iterations + 1;
  }

  #place(variables: readonly ModelVariable[]): void {
    const placed = new Set(this.#places);
    for (const variable of variables) if (!placed.has(variable)) this.#places.push(variable);
  }

  /**
   * The variables that hold the state, by the keys that a checkpoint gives them. Slots do not exist
   * before the first step; an optimizer of your own keeps its state to itself.
   */
  variables(): ReadonlyMap<string, tf.Variable> {
    const layout = this.#layout;
    const named = new Map<string, tf.Variable>();
    for (const [field, suffix] of layout?.slots ?? []) {
      this.#slots(field).forEach(({ variable }, place) => {
        const name = this.#places[place]?.name;
        if (name !== undefined) named.set(`${name}/${suffix}`, variable);
      });
    }
    for (const [field, key] of layout?.scalars ?? []) {
      named.set(key, this.#fields[field] as tf.Variable);
    }
    return named;
  }

  /**
   * The value that every element of a variable of the state starts with, by the variable's key.
   * Only Adagrad's slots start with another than zero.
   */
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

  /** The whole state, read back for a checkpoint. */
  async read(): Promise<CheckpointTensor[]> {
    if (this.#layout === undefined) return this.#readCustom();
    const tensors = await Promise.all(
      [...this.variables()].map(([key, variable]) => toCheckpointTensor(key, variable)),
    );
    return [...tensors, int64Scalar(ITERATIONS, this.optimizer.iterations)];
  }

  async #readCustom(): Promise<CheckpointTensor[]> {
    const weights = await this.optimizer.getWeights().catch((cause: unknown) => {
      throw new ModelFnError(
        {
          subject: `optimizer ${this.optimizer.getClassName()}`,
          expected: 'getWeights() and setWeights(), which carry its state over a save',
          actual: cause instanceof Error ? cause.message : String(cause),
          fix: 'Implement both; without state, getWeights() resolves to [] and setWeights() does nothing.',
        },
        { cause },
      );
    });
    try {
      return await Promise.all(
        weights.map(({ tensor }, index) => toCheckpointTensor(customKey(index), tensor)),
      );
    } finally {
      // Those that are not its variables were made for us.
      for (const { tensor } of weights) if (!(tensor instanceof tf.Variable)) tensor.dispose();
    }
  }

  /**
   * Checks a checkpoint against the optimizer and gives a function that restores it. State that the
   * checkpoint does not have (it was saved before the first step) starts anew.
   *
   * @throws VariableMismatchError when a slot's shape differs from its variable's
   */
  prepareRestore(
    saved: ReadonlyMap<string, CheckpointTensor>,
    variables: readonly ModelVariable[],
  ): () => Promise<void> {
    this.#place(variables);
    const layout = this.#layout;
    if (layout === undefined) return () => this.#restoreCustom(saved);
    const slots = layout.slots.map(([field, suffix]) => ({
      field,
      found: this.#places.flatMap((variable, place) => {
        const tensor = saved.get(`${variable.name}/${suffix}`);
        if (tensor === undefined) return [];
        checkFits(tensor, variable.variable);
        return [{ place, variable, tensor }];
      }),
    }));
    const scalars = (layout.scalars ?? []).map(([field, key, initial]) => ({
      variable: this.#fields[field] as tf.Variable,
      tensor: saved.get(key),
      initial: initial === undefined ? 0 : Number(this.#fields[initial]),
    }));
    for (const { tensor, variable } of scalars) if (tensor) checkFits(tensor, variable);
    const iterations = saved.get(ITERATIONS);

    return async () => {
      for (const { field, found } of slots) this.#replaceSlots(field, found);
      for (const { variable, tensor, initial } of scalars) {
        if (tensor) assignAll([[variable, tensor]]);
        else tf.tidy(() => variable.assign(tf.scalar(initial)));
      }
      this.#fields.iterations_ = iterations === undefined ? 0 : integerOf(iterations);
    };
  }

  #replaceSlots(
    field: string,
    found: readonly { place: number; variable: ModelVariable; tensor: CheckpointTensor }[],
  ): void {
    for (const { variable } of Object.values(this.#slots(field))) variable.dispose();
    // Places without a slot stay holes: tfjs fills them at the next step.
    const slots: SlotVariable[] = [];
    for (const { place, variable, tensor } of found) {
      const slot = tf.tidy(() => tf.variable(tf.zerosLike(variable.variable), false));
      assignAll([[slot, tensor]]);
      slots[place] = { originalName: tensor.name, variable: slot };
    }
    this.#fields[field] = slots;
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
      if (weights.length > 0) await this.optimizer.setWeights(weights);
    } finally {
      tf.dispose(weights.map(({ tensor }) => tensor));
    }
  }

  /** Frees the optimizer's variables; of one that the user made only those that belong to the model. */
  dispose(): void {
    if (this.#isOwn) {
      this.optimizer.dispose();
      // tf.train.momentum leaves the learning rate that it has from tf.train.sgd.
      const { c } = this.#fields;
      if (c instanceof tf.Tensor && !c.isDisposed) c.dispose();
    } else for (const [field] of this.#layout?.slots ?? []) this.#replaceSlots(field, []);
    this.#places = [];
  }
}

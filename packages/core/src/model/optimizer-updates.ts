import * as tf from '@tensorflow/tfjs';

/*
 * The update rules of tfjs's optimizers as functions of their state and of scalar tensors, so that a
 * learning rate is an input of a traced training step rather than a constant of its graph. Operations
 * and their order are those of tfjs-core 4.22, so that results are equal to the last bit, except for a
 * centered RMSProp, which follows TensorFlow.
 */

/** One variable's part of an update: its value, gradient, and slots in the order of the layout. */
export interface VariableUpdateInputs {
  readonly value: tf.Variable;
  readonly gradient: tf.Tensor;
  readonly slots: readonly tf.Variable[];
}

/** A step's scalars by name; see `stepScalars`. */
export type ScalarInputs = Readonly<Record<string, tf.Scalar>>;

/** Updates variables and slots by their gradients. */
export type UpdateRule = (
  variables: readonly VariableUpdateInputs[],
  scalars: ScalarInputs,
  /** The optimizer's own scalar variables, in the order of its layout. */
  state: readonly tf.Variable[],
  options: { readonly useNesterov: boolean },
) => void;

const scalar = (scalars: ScalarInputs, name: string): tf.Scalar => {
  const tensor = scalars[name];
  if (tensor === undefined) throw new Error(`Training step: missing scalar "${name}".`);
  return tensor;
};

const slot = (slots: readonly tf.Variable[], index: number): tf.Variable => {
  const variable = slots[index];
  if (variable === undefined) throw new Error(`Training step: missing slot ${index}.`);
  return variable;
};

/** `decayed * rate + added * (1 - rate)` */
const movingAverage = (
  average: tf.Tensor,
  rate: tf.Scalar,
  added: tf.Tensor,
  complement: tf.Scalar,
): tf.Tensor => tf.add(tf.mul(average, rate), tf.mul(added, complement));

const sgd: UpdateRule = (variables, scalars) => {
  const rate = scalar(scalars, 'learning_rate');
  for (const { value, gradient } of variables) {
    tf.tidy(() => value.assign(tf.sub(value, tf.mul(rate, gradient))));
  }
};

const momentum: UpdateRule = (variables, scalars, _, { useNesterov }) => {
  const rate = scalar(scalars, 'learning_rate');
  const m = scalar(scalars, 'momentum');
  for (const { value, gradient, slots } of variables) {
    const accumulation = slot(slots, 0);
    tf.tidy(() => {
      const accumulated = tf.add(tf.mul(m, accumulation), gradient);
      const direction = useNesterov ? tf.add(gradient, tf.mul(accumulated, m)) : accumulated;
      const updated = tf.sub(value, tf.mul(rate, direction));
      accumulation.assign(accumulated);
      value.assign(updated);
    });
  }
};

const adagrad: UpdateRule = (variables, scalars) => {
  const rate = scalar(scalars, 'learning_rate');
  for (const { value, gradient, slots } of variables) {
    const accumulator = slot(slots, 0);
    tf.tidy(() => {
      const accumulated = tf.add(accumulator, tf.square(gradient));
      accumulator.assign(accumulated);
      const root = tf.sqrt(tf.add(accumulated, tf.backend().epsilon()));
      value.assign(tf.sub(value, tf.mul(tf.div(gradient, root), rate)));
    });
  }
};

const adadelta: UpdateRule = (variables, scalars) => {
  const rate = scalar(scalars, 'learning_rate');
  const rho = scalar(scalars, 'rho');
  const complement = scalar(scalars, 'one_minus_rho');
  const epsilon = scalar(scalars, 'epsilon');
  for (const { value, gradient, slots } of variables) {
    const [gradients, updates] = [slot(slots, 0), slot(slots, 1)];
    tf.tidy(() => {
      const newGradients = movingAverage(gradients, rho, tf.square(gradient), complement);
      // Like tfjs, divides by the average before this step.
      const update = tf.mul(
        tf.div(tf.sqrt(tf.add(updates, epsilon)), tf.sqrt(tf.add(gradients, epsilon))),
        gradient,
      );
      const newUpdates = movingAverage(updates, rho, tf.square(update), complement);
      gradients.assign(newGradients);
      updates.assign(newUpdates);
      value.assign(tf.sub(value, tf.mul(update, rate)));
    });
  }
};

const adam: UpdateRule = (variables, scalars, state) => {
  const rate = scalar(scalars, 'learning_rate');
  const [beta1, beta2] = [scalar(scalars, 'beta1'), scalar(scalars, 'beta2')];
  const complement1 = scalar(scalars, 'one_minus_beta1');
  const complement2 = scalar(scalars, 'one_minus_beta2');
  const epsilon = scalar(scalars, 'epsilon');
  const [power1, power2] = [slot(state, 0), slot(state, 1)];
  tf.tidy(() => {
    const correction1 = tf.sub(1, power1);
    const correction2 = tf.sub(1, power2);
    for (const { value, gradient, slots } of variables) {
      const [first, second] = [slot(slots, 0), slot(slots, 1)];
      const newFirst = movingAverage(first, beta1, gradient, complement1);
      const newSecond = movingAverage(second, beta2, tf.square(gradient), complement2);
      const correctedFirst = tf.div(newFirst, correction1);
      const correctedSecond = tf.div(newSecond, correction2);
      first.assign(newFirst);
      second.assign(newSecond);
      const step = tf.div(correctedFirst, tf.add(tf.sqrt(correctedSecond), epsilon));
      value.assign(tf.sub(value, tf.mul(step, rate)));
    }
    power1.assign(tf.mul(power1, beta1));
    power2.assign(tf.mul(power2, beta2));
  });
};

const adamax: UpdateRule = (variables, scalars, state) => {
  const [beta1, beta2] = [scalar(scalars, 'beta1'), scalar(scalars, 'beta2')];
  const complement1 = scalar(scalars, 'one_minus_beta1');
  const epsilon = scalar(scalars, 'epsilon');
  const [power1, iteration] = [slot(state, 0), slot(state, 1)];
  tf.tidy(() => {
    const correction = tf.sub(1, power1);
    const decay = tf.add(tf.mul(iteration, scalar(scalars, 'decay')), 1);
    const rate = tf.div(scalar(scalars, 'learning_rate'), decay);
    for (const { value, gradient, slots } of variables) {
      const [first, norm] = [slot(slots, 0), slot(slots, 1)];
      const newFirst = movingAverage(first, beta1, gradient, complement1);
      const newNorm = tf.maximum(tf.mul(norm, beta2), tf.abs(gradient));
      first.assign(newFirst);
      norm.assign(newNorm);
      const step = tf.div(newFirst, tf.add(newNorm, epsilon));
      value.assign(tf.sub(value, tf.mul(tf.div(rate, correction), step)));
    }
    iteration.assign(tf.add(iteration, 1));
    power1.assign(tf.mul(power1, beta1));
  });
};

const rmsProp =
  (isCentered: boolean): UpdateRule =>
  (variables, scalars) => {
    const rate = scalar(scalars, 'learning_rate');
    const decay = scalar(scalars, 'decay');
    const complement = scalar(scalars, 'one_minus_decay');
    const m = scalar(scalars, 'momentum');
    const epsilon = scalar(scalars, 'epsilon');
    for (const { value, gradient, slots } of variables) {
      const squares = slot(slots, 0);
      const moments = slot(slots, isCentered ? 2 : 1);
      tf.tidy(() => {
        const newSquares = movingAverage(squares, decay, tf.square(gradient), complement);
        let denominator = tf.add(newSquares, epsilon);
        if (isCentered) {
          const means = slot(slots, 1);
          const newMeans = movingAverage(means, decay, gradient, complement);
          // tfjs subtracts epsilon, and takes the root of a negative number where gradients hardly vary.
          denominator = tf.add(tf.sub(newSquares, tf.square(newMeans)), epsilon);
          means.assign(newMeans);
        }
        const step = tf.div(tf.mul(gradient, rate), tf.sqrt(denominator));
        const newMoments = tf.add(tf.mul(moments, m), step);
        squares.assign(newSquares);
        moments.assign(newMoments);
        value.assign(tf.sub(value, newMoments));
      });
    }
  };

/** How one of tfjs's optimizers keeps its state, and TensorFlow 1's names for it in a checkpoint. */
export interface OptimizerLayout {
  readonly update: UpdateRule;
  /** tfjs's class; optimizers that override its `applyGradients` are not updated by this rule. */
  readonly base: { readonly prototype: { applyGradients(gradients: never): void } };
  /**
   * From the optimizer's field to the suffix of the checkpoint's key, such as `conv2d/kernel/Adam`, and
   * to the suffix that tfjs gives the slot's own name.
   */
  readonly slots: readonly (readonly [field: string, suffix: string, tfjsSuffix: string])[];
  /** The field with the initial value of slots; 0 without one. */
  readonly slotInitial?: string;
  /** From the field of a scalar variable to its key and the field of its initial value (0 without one). */
  readonly scalars?: readonly (readonly [field: string, key: string, initial?: string])[];
}

const betaPower = (n: 1 | 2) => [`accBeta${n}`, `beta${n}_power`, `beta${n}`] as const;

const layouts: Readonly<Record<string, OptimizerLayout>> = {
  SGD: { update: sgd, base: tf.SGDOptimizer, slots: [] },
  Momentum: {
    update: momentum,
    base: tf.MomentumOptimizer,
    slots: [['accumulations', 'Momentum', 'momentum']],
  },
  Adagrad: {
    update: adagrad,
    base: tf.AdagradOptimizer,
    slots: [['accumulatedGrads', 'Adagrad', 'accumulator']],
    slotInitial: 'initialAccumulatorValue',
  },
  Adadelta: {
    update: adadelta,
    base: tf.AdadeltaOptimizer,
    slots: [
      ['accumulatedGrads', 'Adadelta', 'accum_grad'],
      ['accumulatedUpdates', 'Adadelta_1', 'accum_var'],
    ],
  },
  Adam: {
    update: adam,
    base: tf.AdamOptimizer,
    slots: [
      ['accumulatedFirstMoment', 'Adam', 'm'],
      ['accumulatedSecondMoment', 'Adam_1', 'v'],
    ],
    scalars: [betaPower(1), betaPower(2)],
  },
  Adamax: {
    update: adamax,
    base: tf.AdamaxOptimizer,
    slots: [
      ['accumulatedFirstMoment', 'AdaMax', 'm'],
      ['accumulatedWeightedInfNorm', 'AdaMax_1', 'v'],
    ],
    scalars: [betaPower(1), ['iteration', 'adamax_iteration']],
  },
  RMSProp: {
    update: rmsProp(false),
    base: tf.RMSPropOptimizer,
    slots: [
      ['accumulatedMeanSquares', 'RMSProp', 'rms'],
      ['accumulatedMoments', 'RMSProp_1', 'momentum'],
    ],
  },
};

const centeredRmsProp: OptimizerLayout = {
  update: rmsProp(true),
  base: tf.RMSPropOptimizer,
  slots: [
    ['accumulatedMeanSquares', 'RMSProp', 'rms'],
    ['accumulatedMeanGrads', 'RMSProp_1', 'mg'],
    ['accumulatedMoments', 'RMSProp_2', 'momentum'],
  ],
};

/**
 * The layout of an optimizer; undefined for one that does not extend one of tfjs's. Classes are found
 * by name along the prototype chain, since tfjs's `instanceof` holds for any two optimizers.
 */
export const layoutOf = (optimizer: tf.Optimizer): OptimizerLayout | undefined => {
  let prototype: unknown = Object.getPrototypeOf(optimizer);
  while (prototype !== null && prototype !== undefined) {
    const { className } = (prototype as { constructor: { className?: unknown } }).constructor;
    if (typeof className === 'string' && Object.hasOwn(layouts, className)) {
      const isCentered = (optimizer as unknown as { centered?: unknown }).centered === true;
      return className === 'RMSProp' && isCentered ? centeredRmsProp : layouts[className];
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  return undefined;
};

import { mixSeed } from '@elistimator/graph';
import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import { currentModelCall } from './model-call';

/** How `getVariable` makes a variable that does not exist yet. */
export interface GetVariableOptions {
  readonly shape: readonly number[];
  readonly dtype?: 'float32' | 'int32' | 'bool' | undefined;
  /** A tfjs-layers initializer, or a function from the shape to a tensor. Default: Glorot uniform. */
  readonly initializer?: Initializer | ((shape: number[]) => tf.Tensor) | undefined;
  /** Default: true for float32, false for the rest. */
  readonly trainable?: boolean | undefined;
}

type Initializer = ReturnType<typeof tf.initializers.zeros>;

const initialValue = (
  name: string,
  seed: number,
  { shape, dtype = 'float32', initializer }: GetVariableOptions,
): tf.Tensor => {
  const dims = [...shape];
  const glorot = () => tf.initializers.glorotUniform({ seed: mixSeed(seed, name) });
  if (typeof initializer === 'function') return initializer(dims);
  if (initializer !== undefined) return initializer.apply(dims, dtype);
  return dtype === 'float32' && dims.length > 0 ? glorot().apply(dims) : tf.zeros(dims, dtype);
};

const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

/**
 * A variable of the model by name: made at the first call, the same one afterwards. As TensorFlow 1's
 * `tf.get_variable`, the name is taken within the current `variableScope`.
 *
 * @throws ModelFnError when one call of the model function asks twice for a name outside a reused
 *   scope, or when the variable exists with another shape
 */
export const getVariable = (name: string, options: GetVariableOptions): tf.Variable => {
  const call = currentModelCall('getVariable()');
  const fullName = call.scope + name;
  if (!call.claim(fullName) && !call.reuse) {
    throw new ModelFnError({
      subject: `variable "${fullName}"`,
      expected: 'one request in each call of the model function',
      actual: 'a second one',
      fix: 'Use another name, or share it within variableScope(name, fn, { reuse: true }).',
    });
  }
  const existing = call.store.get(fullName)?.variable;
  if (existing === undefined) {
    call.store.assertMakeable(fullName);
    const { dtype = 'float32' } = options;
    const trainable = options.trainable ?? dtype === 'float32';
    const variable = tf.tidy(() =>
      tf.variable(initialValue(fullName, call.store.seed, options), trainable, undefined, dtype),
    );
    call.store.add({ name: fullName, variable, isTrainable: () => trainable, owned: true });
    return variable;
  }
  if (!sameShape(existing.shape, options.shape)) {
    throw new ModelFnError({
      subject: `variable "${fullName}"`,
      expected: `shape [${existing.shape}], as it was made with`,
      actual: `shape [${options.shape}]`,
      fix: 'Ask for the same shape each time, or use another name.',
    });
  }
  return existing;
};

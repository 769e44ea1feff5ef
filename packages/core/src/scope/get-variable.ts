import { mixSeed } from '@elistimator/graph';
import { sameShape } from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import { currentModelCall } from './model-call';

/** How `getVariable()` creates a variable that does not exist yet. */
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

/**
 * Creates a variable of the model in the first call of the model function, and returns the same
 * variable in later calls. Like TensorFlow 1's `tf.get_variable`, it prepends the current
 * `variableScope` to the name.
 *
 * @param name the variable's name in the current scope
 * @param options its shape, dtype (default: float32), initializer (default: Glorot uniform for float32
 *   of rank 1 or more, else zeros) and whether it is trained (default: if float32)
 * @returns the variable; it belongs to the model, so don't dispose it
 * @throws ModelFnError when one call of the model function requests a name twice outside a reused
 *   scope, or when the variable exists with another shape
 * @throws OutsideModelFnError outside of a model function
 */
export const getVariable = (name: string, options: GetVariableOptions): tf.Variable => {
  const call = currentModelCall('getVariable()');
  const fullName = call.scope + name;
  if (!call.claim(fullName) && !call.reuse) {
    throw new ModelFnError({
      subject: `variable "${fullName}"`,
      expected: 'one request per call of the model function',
      actual: 'a second one',
      fix: 'Use another name, or share it inside variableScope(name, fn, { reuse: true }).',
    });
  }
  const existing = call.store.get(fullName)?.variable;
  if (existing === undefined) {
    call.store.assertCanCreate(fullName);
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
      expected: `shape [${existing.shape}], with which it was created`,
      actual: `shape [${options.shape}]`,
      fix: 'Request the same shape in every call, or use another name.',
    });
  }
  return existing;
};

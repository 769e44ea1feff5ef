import { mixSeed } from '@elistimator/graph';
import {
  checkedFunction,
  describeArgument,
  didYouMean,
  type Kind,
  kinds,
  required,
  requiredOptions,
  sameShape,
} from '@elistimator/internal';
import * as tf from '@tensorflow/tfjs';
import { ModelFnError } from '../errors';
import { currentModelCall } from './model-call';
import { initializerOf, withSeed } from './tfjs-internals';

/** How `getVariable()` creates a variable that does not exist yet. */
export interface GetVariableOptions {
  readonly shape: readonly number[];
  readonly dtype?: 'float32' | 'int32' | 'bool' | undefined;
  /**
   * As for layers: a name such as `'zeros'`, a configuration `{ className, config }`, or an initializer of
   * `tf.initializers`; or a function from the shape to a tensor. One that draws random numbers follows the
   * estimator's seed unless it has its own. Default: Glorot uniform.
   */
  readonly initializer?:
    | InitializerName
    | InitializerConfig
    | Initializer
    | ((shape: number[]) => tf.Tensor)
    | undefined;
  /** Default: true for float32, false for the rest. */
  readonly trainable?: boolean | undefined;
}

const variableDtype: Kind = {
  expected: "'float32', 'int32' or 'bool'",
  accepts: (value) => value === 'float32' || value === 'int32' || value === 'bool',
};

type Initializer = ReturnType<typeof tf.initializers.zeros>;

/** The names that layers accept for their initializers. */
type InitializerName = Extract<
  NonNullable<Parameters<typeof tf.layers.dense>[0]['kernelInitializer']>,
  string
>;

/** A serialized initializer, as in the configuration of a layer. */
interface InitializerConfig {
  readonly className: string;
  readonly config: object;
}

/** Values of the initial tensor, from its shape and dtype. */
type DrawValue = (shape: number[], dtype: 'float32' | 'int32' | 'bool') => tf.Tensor;

const initializerError = (name: string, actual: string, cause?: unknown): ModelFnError =>
  new ModelFnError(
    {
      subject: `option "initializer" of variable "${name}"`,
      expected: 'a name, a configuration or an object of tf.initializers, or a function',
      actual,
      fix: `${didYouMean(actual, Object.keys(tf.initializers))} Or pass a function such as (shape) => tf.zeros(shape).`,
    },
    { cause },
  );

const isConfig = (value: unknown): value is InitializerConfig =>
  typeof value === 'object' &&
  value !== null &&
  'className' in value &&
  typeof value.className === 'string' &&
  'config' in value;

const readInitializer = (
  name: string,
  initializer: NonNullable<GetVariableOptions['initializer']>,
): Initializer | ((shape: number[]) => tf.Tensor) => {
  if (typeof initializer === 'function') return initializer;
  if (typeof initializer === 'object' && 'apply' in initializer) return initializer;
  if (typeof initializer !== 'string' && !isConfig(initializer)) {
    throw initializerError(name, describeArgument(initializer));
  }
  try {
    return initializerOf(initializer);
  } catch (error) {
    const actual = typeof initializer === 'string' ? initializer : initializer.className;
    throw initializerError(name, `"${actual}"`, error);
  }
};

const drawnBy = (
  name: string,
  seed: number,
  { shape, dtype = 'float32', initializer }: GetVariableOptions,
): DrawValue => {
  if (initializer === undefined) {
    const glorot = tf.initializers.glorotUniform({ seed });
    return dtype === 'float32' && shape.length > 0
      ? (dims) => glorot.apply(dims)
      : (dims) => tf.zeros(dims, dtype);
  }
  const drawn = readInitializer(name, initializer);
  return typeof drawn === 'function'
    ? drawn
    : (dims, type) => withSeed(drawn, seed).apply(dims, type);
};

/** The initial value of a new variable. */
const initialValue = (name: string, storeSeed: number, options: GetVariableOptions): tf.Tensor => {
  const { shape, dtype = 'float32' } = options;
  const value: unknown = drawnBy(name, mixSeed(storeSeed, name), options)([...shape], dtype);
  if (value instanceof tf.Tensor && sameShape(value.shape, shape)) return value;
  throw new ModelFnError({
    subject: `initial value of variable "${name}"`,
    expected: `a tensor of shape [${shape}]`,
    actual: value instanceof tf.Tensor ? `shape [${value.shape}]` : describeArgument(value),
    fix: 'Return a tensor of the shape that the initializer is called with.',
  });
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
export const getVariable = checkedFunction(
  'getVariable()',
  {
    name: required(kinds.string),
    options: requiredOptions<GetVariableOptions>({
      shape: required(kinds.array),
      dtype: variableDtype,
      initializer: true,
      trainable: kinds.boolean,
    }),
  },
  (name: string, options: GetVariableOptions): tf.Variable => {
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
    const dtype = options.dtype ?? 'float32';
    if (existing.dtype !== dtype) {
      throw new ModelFnError({
        subject: `variable "${fullName}"`,
        expected: `dtype ${existing.dtype}, with which it was created`,
        actual: dtype,
        fix: 'Request the same dtype in every call, or use another name.',
      });
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
  },
);

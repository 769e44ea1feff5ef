import { reasonOf } from '@elistimator/internal';
import { kernelInfo } from '../ir/kernels';
import { describeSizes, type Sizes } from '../ir/symbolic-numbers';
import { nameWithin } from './names';
import type { NameScope, RecordedNode } from './recording';
import { TraceError } from './trace-error';

/** An operation for a message: its name, and its kernel unless the name ends with it. */
const quoteOperation = (name: string, kernel?: string): string =>
  kernel === undefined || name.endsWith(kernel) ? `"${name}"` : `"${name}" (${kernel})`;

const RANDOM_FIX =
  'Draw random numbers with randomTensor() (in an Elistimator model: random.* or layers.dropout), ' +
  'and pass what changes from call to call as an input.';

/** The tfjs operations that draw random numbers in JavaScript. */
const randomOperations = new Set([
  'dropout',
  'multinomial',
  'rand',
  'randomGamma',
  'randomNormal',
  'randomStandardNormal',
  'randomUniform',
  'randomUniformInt',
  'truncatedNormal',
]);

/** Whether a node is part of a tfjs operation that draws random numbers. */
const isRandom = ({ scope, ...node }: RecordedNode): boolean =>
  (node.kind === 'kernel' && kernelInfo(node.kernel)?.stateful === true) ||
  (scope.innerOp !== undefined && randomOperations.has(scope.innerOp)) ||
  (scope.op !== undefined && randomOperations.has(scope.op.name));

/** A node for a message, before it has its final name. */
const describeNode = (node: RecordedNode | undefined): string => {
  if (node === undefined) return 'a tensor';
  if (node.kind === 'placeholder') return `the input "${node.name}"`;
  if (node.kind === 'variable') return `the variable "${node.variable.name}"`;
  const type = node.kind === 'kernel' ? node.kernel : 'Const';
  return quoteOperation(nameWithin(node.scope, type), type);
};

/** Errors in a single call of the function. */
const inCall = {
  read: (maker: RecordedNode | undefined): TraceError =>
    new TraceError(
      {
        subject: `reading the values of ${describeNode(maker)} in JavaScript`,
        expected: 'operations on tensors',
        actual: 'a value that only a run of the graph computes',
        fix:
          'Remove dataSync(), data(), arraySync(), array() and print() from the traced function. ' +
          'Return the tensor and read the result of run(). Use tf.where() instead of if, ' +
          'and a mask instead of a selection of elements (tf.whereAsync, tf.booleanMaskAsync).',
      },
      { kind: 'read', operation: maker && describeNode(maker) },
    ),

  promise: (): TraceError =>
    new TraceError(
      {
        subject: 'an asynchronous function',
        expected: 'a function that has called all operations when it returns',
        actual: 'a promise',
        fix: 'Make the function synchronous, and await what it needs before the trace.',
      },
      { kind: 'asynchronous' },
    ),

  output: (path: string, actual: string): TraceError =>
    new TraceError(
      {
        subject: path === '' ? 'the return value of the function' : `the output "${path}"`,
        expected: 'a tensor, or a list or an object of tensors',
        actual,
        fix: 'Return nothing but tensors. Convert numbers with tf.scalar().',
      },
      { kind: 'output', operation: path },
    ),

  disposed: (user: string, scope: NameScope): TraceError =>
    new TraceError(
      {
        subject: quoteOperation(nameWithin(scope, user), user),
        expected: 'tensors that are not disposed',
        actual: 'a disposed one',
        fix: 'Keep it with tf.keep(), or create it in the function.',
      },
      { kind: 'disposed', operation: nameWithin(scope, user) },
    ),

  otherCall: (user: string, scope: NameScope): TraceError =>
    new TraceError(
      {
        subject: quoteOperation(nameWithin(scope, user), user),
        expected: 'tensors of the same call of the function',
        actual: 'a tensor that an earlier call computed from its inputs',
        fix: 'Do not keep tensors between calls, or keep them in a tf.variable.',
      },
      { kind: 'captured', operation: nameWithin(scope, user) },
    ),

  unseen: (user: string, scope: NameScope): TraceError =>
    new TraceError(
      {
        subject: quoteOperation(nameWithin(scope, user), user),
        expected: 'tensors made by operations of tfjs',
        actual: "a tensor made directly with a backend, without tfjs's engine",
        fix: 'Make it before the trace or with operations of tfjs, or pass it as an input.',
      },
      { kind: 'captured', operation: nameWithin(scope, user) },
    ),

  attribute: (kernel: string, scope: NameScope, actual: string): TraceError =>
    new TraceError(
      {
        subject: quoteOperation(nameWithin(scope, kernel), kernel),
        expected: 'attributes that are numbers, strings, or lists and objects of them',
        actual,
        fix: 'Use another operation, or run this part outside the graph.',
      },
      { kind: 'attribute', operation: nameWithin(scope, kernel) },
    ),

  newVariable: (name: string): TraceError =>
    new TraceError(
      {
        subject: `the variable "${name}"`,
        expected: 'the same variables in every call',
        actual: 'a new one in each call',
        fix: 'Create it once: outside the function, or only in its first call.',
      },
      { kind: 'variable', operation: name },
    ),

  variableFromInputs: (name: string): TraceError =>
    new TraceError(
      {
        subject: `the variable "${name}"`,
        expected: 'an initial value that does not depend on the inputs',
        actual: 'one that is computed from the inputs, which are synthetic in a trace',
        fix: 'Create the variable before the trace.',
      },
      { kind: 'variable', operation: name },
    ),

  statefulLayer: (name: string): TraceError =>
    new TraceError(
      {
        subject: `the layer "${name}"`,
        expected: 'state in variables',
        actual: 'a layer that keeps tensors between calls (stateful: true)',
        fix: 'Remove "stateful", and pass the state as an input and return it.',
      },
      { kind: 'state', operation: name },
    ),

  stepEffect: (actual: string): TraceError =>
    new TraceError(
      {
        subject: 'the step of a recurrence over an open dimension',
        expected: 'operations on tensors alone',
        actual: `one that ${actual}`,
        fix: 'Do this before the recurrence: draw one mask for all steps, and return new values as states.',
      },
      { kind: 'state' },
    ),

  input: (
    name: string,
    expected: string,
    actual: string,
    fix = 'Use null for each dimension that varies, and sizes for the others.',
  ): TraceError =>
    new TraceError(
      {
        subject: `the input "${name}"`,
        expected,
        actual,
        fix,
      },
      { kind: 'input', operation: name },
    ),

  nested: (outer: string): TraceError =>
    new TraceError(
      {
        subject: `trace() inside ${outer}`,
        expected: 'a call at the top level',
        actual: 'operations that are already being recorded',
        fix: 'Call trace() before, and run the graph here.',
      },
      { kind: 'nested' },
    ),
};

/** Errors that show when several calls of the function are compared. */
const betweenCalls = {
  dataDependentShape: (name: string, kernel: string): TraceError =>
    new TraceError(
      {
        subject: quoteOperation(name, kernel),
        expected: 'a shape that depends only on the shapes of the inputs',
        actual: 'one that depends on the values of a tensor',
        fix: 'Keep the full shape and mask the elements that do not count, or do this outside the graph.',
      },
      { kind: 'data-dependent-shape', operation: name },
    ),

  tooLarge: (name: string, bytes: number, limit: number, isCaptured: boolean): TraceError =>
    new TraceError(
      {
        subject: `the constant "${name}"`,
        expected: `constants of at most ${limit} bytes`,
        actual: `a tensor of ${bytes} bytes ${isCaptured ? 'from outside the function' : 'made in the function'}`,
        fix:
          'Pass data as an input, or make the tensor a variable (in an Elistimator model: getVariable()). ' +
          'If it is a constant of the model, increase "maxConstantBytes" of trace().',
      },
      { kind: 'captured', operation: name },
    ),

  changingValue: (name: string, node: RecordedNode): TraceError => {
    const kernel = node.kind === 'kernel' ? node.kernel : undefined;
    return new TraceError(
      {
        subject: quoteOperation(name, kernel),
        expected: 'constants that are the same in every call',
        actual: isRandom(node)
          ? 'a random number drawn in JavaScript, which would be the same in every run of the graph'
          : 'a value that differs from call to call (a random number, the time, a counter)',
        fix: RANDOM_FIX,
      },
      { kind: 'changing', operation: name },
    );
  },

  /** @param when names the two calls, such as "at batch size 2 and batch size 3" */
  sequence: (first: string, second: string, when: string, isBatch: boolean): TraceError =>
    new TraceError(
      {
        subject: `the operation ${first}`,
        expected: 'the same operations in the same order in every call',
        actual: `${second} in its place ${when}`,
        fix: isBatch
          ? 'Replace loops over the batch or another open dimension by operations on the whole tensor, and do not choose operations by its size.'
          : 'Use tf.where() instead of if, and do not choose operations by random numbers or counters of JavaScript.',
      },
      { kind: isBatch ? 'batch-size' : 'control-flow', operation: first },
    ),

  batchDependence: (name: string, part: string, values: string): TraceError =>
    new TraceError(
      {
        subject: quoteOperation(name),
        expected:
          'numbers of the form a + b·B + c·B², or its reciprocal, in the batch size B or the size of another ' +
          'open dimension, and products and sums of these',
        actual: `${part} that is ${values}`,
        fix:
          'Compute the number with operations on tensors (tf.mean, tf.sum of ones) instead of shape[0], ' +
          'or trace inputs of a fixed shape.',
      },
      { kind: 'batch-size', operation: name },
    ),

  batchConstant: (name: string, node: RecordedNode): TraceError =>
    new TraceError(
      {
        subject: `the constant "${name}"`,
        expected: 'values that do not depend on the batch size, or one value for all elements',
        actual: isRandom(node)
          ? 'random numbers drawn in JavaScript, one for each example'
          : 'a list whose elements depend on the batch size',
        fix: isRandom(node)
          ? RANDOM_FIX
          : 'Make it with operations (tf.range, tf.oneHot, tf.tile), or pass it as an input.',
      },
      { kind: 'batch-size', operation: name },
    ),

  failedAt: (sizes: Sizes, first: Sizes, cause: unknown): TraceError =>
    new TraceError(
      {
        subject: `the function at ${describeSizes(sizes)}`,
        expected: 'a function that works at all sizes of the open dimensions',
        actual: `one that works at ${describeSizes(first)} and then fails: ${reasonOf(cause)}`,
        fix: 'Pass at least four sizes that it accepts as "batchSizes", or trace inputs of a fixed shape.',
      },
      { kind: 'batch-size', cause },
    ),

  sameName: (name: string): TraceError =>
    new TraceError(
      {
        subject: `the name "${name}"`,
        expected: 'unique names of inputs and variables',
        actual: 'two with this name',
        fix: 'Rename the input or the variable, or pass trace() a "variableName" that tells them apart.',
      },
      { kind: 'variable', operation: name },
    ),
};

/** The errors for all code that can't be traced. */
export const untraceable = { ...inCall, ...betweenCalls };

import { placedName } from './operation-names';
import type { Place, RecordedNode } from './recording';
import { TraceError } from './trace-error';

/** An operation in a message: its name, and the kernel where the name does not say it. */
const operation = (name: string, kernel?: string): string =>
  kernel === undefined || name.endsWith(kernel) ? `"${name}"` : `"${name}" (${kernel})`;

const RANDOM_FIX =
  'Draw random numbers with randomTensor() (in an Elistimator model: random.* or layers.dropout), ' +
  'and pass what changes from call to call as an input.';

/** tfjs's operations that draw numbers in JavaScript. */
const drawing = new Set([
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

/** Whether a node stands where tfjs draws random numbers. */
const isDrawn = ({ place, ...node }: RecordedNode): boolean =>
  (node.kind === 'kernel' && node.kernel === 'Multinomial') ||
  (place.innerOp !== undefined && drawing.has(place.innerOp)) ||
  (place.op !== undefined && drawing.has(place.op.name));

const nodeLabel = (node: RecordedNode | undefined): string => {
  if (node === undefined) return 'a tensor';
  if (node.kind === 'placeholder') return `the input "${node.name}"`;
  if (node.kind === 'variable') return `the variable "${node.variable.name}"`;
  const type = node.kind === 'kernel' ? node.kernel : 'Const';
  return operation(placedName(node.place, type), type);
};

/** Every reason why code can't be traced, with what to do instead. */
export const refuse = {
  read: (maker: RecordedNode | undefined): TraceError =>
    new TraceError(
      {
        subject: `reading the values of ${nodeLabel(maker)} in JavaScript`,
        expected: 'tensors that stay tensors',
        actual: 'a value that only a run knows',
        fix:
          'Leave out dataSync(), data(), arraySync(), array() and print() in the traced function. ' +
          'Return the tensor and read what run() gives; choose by value with tf.where() instead of if, ' +
          'and mask instead of picking elements (tf.whereAsync, tf.booleanMaskAsync).',
      },
      { kind: 'read', operation: maker && nodeLabel(maker) },
    ),

  promise: (): TraceError =>
    new TraceError(
      {
        subject: 'an asynchronous function',
        expected: 'all operations to be done when the function returns',
        actual: 'a promise',
        fix: 'Make the function synchronous, and await what it needs before the trace.',
      },
      { kind: 'asynchronous' },
    ),

  output: (path: string, actual: string): TraceError =>
    new TraceError(
      {
        subject: path === '' ? 'what the function returns' : `the output "${path}"`,
        expected: 'tensors by name: a tensor, a list or an object of tensors',
        actual,
        fix: 'Return tensors alone; numbers become tensors with tf.scalar().',
      },
      { kind: 'output', operation: path },
    ),

  disposed: (user: string, place: Place): TraceError =>
    new TraceError(
      {
        subject: operation(placedName(place, user), user),
        expected: 'tensors that are there',
        actual: 'a use of a disposed one',
        fix: 'Keep it with tf.keep(), or make it anew in the function.',
      },
      { kind: 'disposed', operation: placedName(place, user) },
    ),

  otherCall: (user: string, place: Place): TraceError =>
    new TraceError(
      {
        subject: operation(placedName(place, user), user),
        expected: 'each call of the function to compute its own tensors',
        actual: 'a tensor that an earlier call computed from its inputs',
        fix: 'Keep no tensor from call to call, or keep it in a tf.variable.',
      },
      { kind: 'captured', operation: placedName(place, user) },
    ),

  unseen: (user: string, place: Place): TraceError =>
    new TraceError(
      {
        subject: operation(placedName(place, user), user),
        expected: "tensors made by tfjs's operations",
        actual: "one made past tfjs's engine, by a backend's own means",
        fix: 'Make it before the trace or by operations of tfjs, or pass it as an input.',
      },
      { kind: 'captured', operation: placedName(place, user) },
    ),

  attribute: (kernel: string, place: Place, actual: string): TraceError =>
    new TraceError(
      {
        subject: operation(placedName(place, kernel), kernel),
        expected: 'attributes of numbers, texts and lists of such',
        actual,
        fix: 'Use another operation, or run this part outside of the graph.',
      },
      { kind: 'attribute', operation: placedName(place, kernel) },
    ),

  newVariable: (name: string): TraceError =>
    new TraceError(
      {
        subject: `variable "${name}"`,
        expected: 'the same variables in every call',
        actual: 'one that each call makes anew',
        fix: 'Make it once, outside of the function or only in its first call.',
      },
      { kind: 'variable', operation: name },
    ),

  variableFromInputs: (name: string): TraceError =>
    new TraceError(
      {
        subject: `variable "${name}"`,
        expected: 'initial values that do not follow from the inputs',
        actual: 'one that starts with values computed from them',
        fix: 'The inputs of a trace are made up. Make the variable before the trace.',
      },
      { kind: 'variable', operation: name },
    ),

  statefulLayer: (name: string): TraceError =>
    new TraceError(
      {
        subject: `layer "${name}"`,
        expected: 'state in variables',
        actual: 'a layer that keeps tensors from call to call (stateful: true)',
        fix: 'Leave out stateful, and pass the state as an input and return it.',
      },
      { kind: 'state', operation: name },
    ),

  dataDependentShape: (name: string, kernel: string): TraceError =>
    new TraceError(
      {
        subject: operation(name, kernel),
        expected: 'shapes that follow from the shapes of the inputs',
        actual: 'a shape that follows from the values of a tensor',
        fix: 'Keep the full shape and mask what does not count, or do this step outside of the graph.',
      },
      { kind: 'data-dependent-shape', operation: name },
    ),

  tooLarge: (name: string, bytes: number, limit: number, captured: boolean): TraceError =>
    new TraceError(
      {
        subject: `the constant "${name}"`,
        expected: `constants of at most ${limit} bytes`,
        actual: `a tensor of ${bytes} bytes ${captured ? 'from outside of the function' : 'made in it'}`,
        fix:
          'A graph is no place for data: pass it as an input, or make it a tf.variable. ' +
          'If it does belong to the model, raise maxConstantBytes.',
      },
      { kind: 'captured', operation: name },
    ),

  changingValue: (name: string, node: RecordedNode): TraceError => {
    const drawn = isDrawn(node);
    const type = node.kind === 'kernel' ? node.kernel : undefined;
    return new TraceError(
      {
        subject: operation(name, type),
        expected: 'constants that are the same in every call',
        actual: drawn
          ? 'a random number drawn in JavaScript, which the graph would freeze'
          : 'a value that differs from call to call (a random number, the time, a counter)',
        fix: RANDOM_FIX,
      },
      { kind: 'changing', operation: name },
    );
  },

  /** `when` says which two calls differ, as "at batch sizes 2 and 3". */
  sequence: (first: string, second: string, when: string, isBatch: boolean): TraceError =>
    new TraceError(
      {
        subject: `the operation ${first}`,
        expected: 'the same operations in the same order in every call',
        actual: `${second} in its place ${when}`,
        fix: isBatch
          ? 'Write loops over the batch as operations on the whole batch, and do not let its size decide what is done.'
          : 'Decide with tf.where(), not with if; random numbers and counters of JavaScript must not steer.',
      },
      { kind: isBatch ? 'batch-size' : 'control-flow', operation: first },
    ),

  batchDependence: (name: string, what: string, values: string): TraceError =>
    new TraceError(
      {
        subject: operation(name),
        expected: 'numbers of the form a + b·B + c·B², or 1 over that, in the batch size B',
        actual: `${what} that is ${values}`,
        fix:
          'Take the number from operations on tensors (tf.mean, tf.sum of ones) instead of shape[0], ' +
          'or give the inputs a fixed shape.',
      },
      { kind: 'batch-size', operation: name },
    ),

  batchConstant: (name: string, node: RecordedNode): TraceError =>
    new TraceError(
      {
        subject: `the constant "${name}"`,
        expected: 'values that do not change with the batch size, or are all the same',
        actual: isDrawn(node)
          ? 'random numbers drawn in JavaScript, one for each example'
          : 'a list whose elements follow from the batch size',
        fix: isDrawn(node)
          ? RANDOM_FIX
          : 'Make it of operations (tf.range, tf.oneHot, tf.tile), or pass it as an input.',
      },
      { kind: 'batch-size', operation: name },
    ),

  failedAt: (batchSize: number, first: number, cause: unknown): TraceError =>
    new TraceError(
      {
        subject: `the function at batch size ${batchSize}`,
        expected: 'a function that works at every batch size',
        actual: `one that works at ${first} and then fails: ${
          cause instanceof Error ? cause.message : String(cause)
        }`,
        fix: 'Give sizes that it takes as batchSizes (four at least), or give the inputs a fixed shape.',
      },
      { kind: 'batch-size', cause },
    ),

  input: (name: string, expected: string, actual: string): TraceError =>
    new TraceError(
      {
        subject: `the input "${name}"`,
        expected,
        actual,
        fix: 'Leave open the first dimension alone; give the others their sizes.',
      },
      { kind: 'input', operation: name },
    ),

  sameName: (name: string): TraceError =>
    new TraceError(
      {
        subject: `the name "${name}"`,
        expected: 'one placeholder or variable of each name',
        actual: 'the name of two',
        fix: 'Rename the input, or give variableName a function that tells the variables apart.',
      },
      { kind: 'variable', operation: name },
    ),

  nested: (where: string): TraceError =>
    new TraceError(
      {
        subject: `trace() within ${where}`,
        expected: 'a trace of its own',
        actual: 'operations that something else records as well',
        fix: 'Trace beforehand, and run the graph here.',
      },
      { kind: 'nested' },
    ),
};

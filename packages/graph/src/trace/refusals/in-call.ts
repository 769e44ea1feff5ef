import { placedName } from '../operation-names';
import type { Place, RecordedNode } from '../recording';
import { TraceError } from '../trace-error';
import { nodeLabel, operation } from './describe';

/** What one call of the function may do that a graph can't. */
export const inCall = {
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

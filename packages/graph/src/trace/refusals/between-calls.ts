import type { RecordedNode } from '../recording';
import { TraceError } from '../trace-error';
import { isDrawn, operation, RANDOM_FIX } from './describe';

/** What shows when several calls of the function are compared. */
export const betweenCalls = {
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
          'A graph is no place for data: pass it as an input, or make it a variable (in an Elistimator model: getVariable()). ' +
          'If it does belong to the model, raise maxConstantBytes of trace().',
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

  sameName: (name: string): TraceError =>
    new TraceError(
      {
        subject: `the name "${name}"`,
        expected: 'one placeholder or variable of each name',
        actual: 'the name of two',
        fix: 'Rename the input or the variable, or give trace() a variableName that tells them apart.',
      },
      { kind: 'variable', operation: name },
    ),
};

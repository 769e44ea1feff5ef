import { type Explanation, explain } from '@elistimator/internal';

/** Why code can't be traced. */
export type TraceErrorKind =
  /** The function reads the values of a tensor in JavaScript. */
  | 'read'
  /** A value differs from call to call: random numbers made in JavaScript, the clock, a counter. */
  | 'changing'
  /** The operations differ from call to call. */
  | 'control-flow'
  /** Numbers or operations depend on the size of an open dimension in a way that a graph can't express. */
  | 'batch-size'
  /** A shape depends on the values of a tensor. */
  | 'data-dependent-shape'
  /** The function returns a promise. */
  | 'asynchronous'
  /** The function returns something other than tensors. */
  | 'output'
  /** A tensor from outside the function is too large for a constant, or is from another call. */
  | 'captured'
  /** The function uses a disposed tensor. */
  | 'disposed'
  /** The function creates a variable in each call, or two variables have one name. */
  | 'variable'
  /** The specification of an input is not valid. */
  | 'input'
  /** The trace is inside another trace or a gradient. */
  | 'nested'
  /** A layer keeps tensors between calls. */
  | 'state'
  /** A kernel has an attribute other than numbers, strings and lists of them. */
  | 'attribute';

export interface TraceErrorOptions extends ErrorOptions {
  readonly kind?: TraceErrorKind;
  /** The operation's name in the graph, if it has one. */
  readonly operation?: string | undefined;
}

/** Code can't become a graph. Nothing has changed: the code still runs without a graph. */
export class TraceError extends Error implements Explanation {
  override readonly name = 'TraceError';
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
  readonly fix: string;
  readonly kind: TraceErrorKind | undefined;
  readonly operation: string | undefined;

  constructor(explanation: Explanation, options: TraceErrorOptions = {}) {
    const { kind, operation, ...errorOptions } = options;
    super(`Can't be traced: ${explain(explanation)}`, errorOptions);
    const { subject, expected, actual, fix } = explanation;
    this.subject = subject;
    this.expected = expected;
    this.actual = actual;
    this.fix = fix;
    this.kind = kind;
    this.operation = operation;
  }
}

import type { Explanation } from '../explain';

/** Why code can't be traced. */
export type TraceRefusal =
  /** A tensor's values were read in JavaScript. */
  | 'read'
  /** Something is different each time the function is called: randomness made in JavaScript, the clock. */
  | 'changing'
  /** The operations themselves differ between calls. */
  | 'control-flow'
  /** A number follows from the batch size in a way that a graph can't express. */
  | 'batch-size'
  /** A shape follows from the values of a tensor. */
  | 'data-dependent-shape'
  /** The function returns a promise. */
  | 'asynchronous'
  /** The function returns something other than tensors. */
  | 'output'
  /** A tensor from outside of the function is too large to be a constant, or came from another call. */
  | 'captured'
  | 'disposed'
  | 'variable'
  | 'input'
  /** A trace within a trace or a gradient. */
  | 'nested'
  /** A layer that keeps state between calls. */
  | 'state'
  /** An attribute that is neither a number, a text nor a list of such. */
  | 'attribute';

/** What else is known of a refusal. */
export interface TraceErrorOptions extends ErrorOptions {
  readonly kind?: TraceRefusal;
  /** The operation's name in the graph, where there is one. */
  readonly operation?: string | undefined;
}

/** Code that can't become a graph. Nothing has changed: the same code still runs as code. */
export class TraceError extends Error implements Explanation {
  override readonly name = 'TraceError';
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
  readonly fix: string;
  readonly kind: TraceRefusal | undefined;
  readonly operation: string | undefined;

  /**
   * @param explanation `expected` and `actual` are nouns: "a graph needs ‹expected›, and this is ‹actual›"
   */
  constructor(explanation: Explanation, options: TraceErrorOptions = {}) {
    const { kind, operation, ...errorOptions } = options;
    const { subject, expected, actual, fix } = explanation;
    super(
      `Can't be traced: ${subject}, because a graph needs ${expected}, and this is ${actual}. ${fix}`,
      errorOptions,
    );
    this.subject = subject;
    this.expected = expected;
    this.actual = actual;
    this.fix = fix;
    this.kind = kind;
    this.operation = operation;
  }
}

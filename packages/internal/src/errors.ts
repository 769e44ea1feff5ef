/** The four parts of every error message in this repository. */
export interface Explanation {
  /** What the error is about: a method, an option, a feature, a file. */
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
  /** How to fix it, as one or more sentences. */
  readonly fix: string;
}

/** Joins the parts into one message. A full stop at the end of `actual`, as in a quoted message, is dropped. */
export const explain = ({ subject, expected, actual, fix }: Explanation): string =>
  `${subject}: expected ${expected}, got ${actual.replace(/\.$/, '')}. ${fix}`;

/** An error whose message is an {@link Explanation}. */
export class ExplainedError extends Error {
  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(explain(explanation), options);
  }
}

/** A TypeError whose message is an {@link Explanation}. */
export class ExplainedTypeError extends TypeError {
  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(explain(explanation), options);
  }
}

/** A RangeError whose message is an {@link Explanation}. */
export class ExplainedRangeError extends RangeError {
  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(explain(explanation), options);
  }
}

/** The message of anything that was thrown. */
export const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

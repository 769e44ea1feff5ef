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

/** An error whose message is an {@link Explanation}, whose parts are its fields. */
export class ExplainedError extends Error implements Explanation {
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
  readonly fix: string;

  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(explain(explanation), options);
    ({
      subject: this.subject,
      expected: this.expected,
      actual: this.actual,
      fix: this.fix,
    } = explanation);
  }
}

/** A TypeError whose message is an {@link Explanation}. */
export class ExplainedTypeError extends TypeError implements Explanation {
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
  readonly fix: string;

  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(explain(explanation), options);
    ({
      subject: this.subject,
      expected: this.expected,
      actual: this.actual,
      fix: this.fix,
    } = explanation);
  }
}

/** A RangeError whose message is an {@link Explanation}. */
export class ExplainedRangeError extends RangeError implements Explanation {
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
  readonly fix: string;

  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(explain(explanation), options);
    ({
      subject: this.subject,
      expected: this.expected,
      actual: this.actual,
      fix: this.fix,
    } = explanation);
  }
}

/** The message of anything that was thrown. */
export const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

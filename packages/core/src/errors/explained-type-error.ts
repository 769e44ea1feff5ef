import { type Explanation, explain } from './explain';

/** A TypeError that keeps the four things it says as fields. */
export class ExplainedTypeError extends TypeError implements Explanation {
  readonly subject: string;
  readonly expected: string;
  readonly actual: string;
  readonly fix: string;

  constructor(explanation: Explanation, options?: ErrorOptions) {
    super(explain(explanation), options);
    this.subject = explanation.subject;
    this.expected = explanation.expected;
    this.actual = explanation.actual;
    this.fix = explanation.fix;
  }
}

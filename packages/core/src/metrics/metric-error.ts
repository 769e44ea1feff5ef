import { type Explanation, explain } from '../errors';

/** A metric was given tensors that it can't measure. */
export class MetricError extends TypeError implements Explanation {
  override readonly name = 'MetricError';
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

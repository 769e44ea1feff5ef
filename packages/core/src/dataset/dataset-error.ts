import { type Explanation, explain } from '../errors';

/** A dataset was built from, or gave, something that no tensors can be made of. */
export class DatasetError extends TypeError implements Explanation {
  override readonly name = 'DatasetError';
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

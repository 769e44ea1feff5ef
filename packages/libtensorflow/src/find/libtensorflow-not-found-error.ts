import { type Explanation, explain } from '../errors';
import type { Look } from './search-report';

/** There is no libtensorflow where somebody said there is one, or none on this machine. */
export class LibtensorflowNotFoundError extends Error {
  override readonly name = 'LibtensorflowNotFoundError';
  constructor(
    explanation: Explanation,
    /** What was searched, each with what came of it. */
    readonly looked: readonly Look[],
    options?: ErrorOptions,
  ) {
    super(explain(explanation), options);
  }
}

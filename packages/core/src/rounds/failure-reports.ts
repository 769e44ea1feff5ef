import { reasonOf } from '@elistimator/internal';

/**
 * Reports failures in what only observes training, such as logs, which must not end it. Each is reported
 * once.
 */
export class FailureReports {
  readonly #print: (text: string) => void;
  /** Subjects and errors: a log that is broken throws the same error for each tag. */
  readonly #reported = new Set<unknown>();

  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  /**
   * Runs a task and reports its error, also if it returns a promise that rejects later.
   *
   * @param subject what fails, such as `summary "weights"`; it is reported once
   * @param failure completes the subject, such as `was not written at global step 12`
   */
  guard(subject: string, failure: string, task: () => unknown): void {
    try {
      const result = task();
      if (result instanceof Promise) result.catch((error) => this.report(subject, failure, error));
    } catch (error) {
      this.report(subject, failure, error);
    }
  }

  /** Like `guard`, and waits for the task. */
  async guardAsync(subject: string, failure: string, task: () => Promise<unknown>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.report(subject, failure, error);
    }
  }

  /** Reports an error, unless it or one of this subject was reported before. */
  report(subject: string, failure: string, error: unknown): void {
    const isKnown = this.#reported.has(subject) || this.#reported.has(error);
    this.#reported.add(subject).add(error);
    if (isKnown) return;
    const reason = reasonOf(error).replace(/\.$/, '');
    this.#print(`Warning: ${subject} ${failure}: ${reason}. This is printed once.`);
  }
}

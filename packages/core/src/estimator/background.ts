/** Work that goes on beside the loop, one piece after the other. What goes wrong is told once. */
export class Background {
  #last: Promise<void> = Promise.resolve();
  readonly #failures: unknown[] = [];

  /** Begins a task once those before it have ended. */
  start(task: () => Promise<unknown>): void {
    this.#last = this.#last.then(task).then(
      () => {},
      (failure: unknown) => {
        this.#failures.push(failure);
      },
    );
  }

  /**
   * Tells of what has gone wrong by now, without waiting.
   *
   * @throws the first failure that was not told yet
   */
  report(): void {
    if (this.#failures.length > 0) throw this.#failures.shift();
  }

  /**
   * Waits for all tasks.
   *
   * @throws the first failure that was not told yet
   */
  async settle(): Promise<void> {
    let seen: Promise<void> | undefined;
    while (seen !== this.#last) {
      seen = this.#last;
      await seen;
    }
    this.report();
  }
}

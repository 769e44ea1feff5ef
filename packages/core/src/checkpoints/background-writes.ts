/** Tracks writes that continue while training does. Each failure is rethrown once, at a later call. */
export class BackgroundWrites {
  readonly #running = new Set<Promise<void>>();
  readonly #failures: unknown[] = [];

  /** Tracks a write that has been started. */
  track(write: Promise<unknown>): void {
    const tracked: Promise<void> = write
      .then(
        () => {},
        (failure: unknown) => {
          this.#failures.push(failure);
        },
      )
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  /**
   * Returns immediately.
   *
   * @throws the first failure that was not reported yet
   */
  throwIfFailed(): void {
    if (this.#failures.length > 0) throw this.#failures.shift();
  }

  /**
   * Waits for all writes.
   *
   * @throws the first failure that was not reported yet
   */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.throwIfFailed();
  }
}

/** Runs asynchronous tasks one after the other, in the order in which they were asked for. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `task` after everything asked for before it, whether that failed or not. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    // A failure belongs to whoever holds `result`; it must not stop the tasks after it.
    this.#last = result.catch(() => {});
    return result;
  }
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { NotReadyError } from '../errors';

/**
 * Runs asynchronous tasks one after the other, in the order in which they were asked for.
 *
 * A task that is asked for by the one under way (by an input function that predicts, say) would wait
 * for itself: it runs at once if it may, and is refused otherwise.
 */
export class SerialQueue {
  /** The task that asks; one that has ended may still have timers that ask. */
  readonly #running = new AsyncLocalStorage<{ isUnderWay: boolean }>();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Runs `task` after everything asked for before it, whether that failed or not.
   *
   * @param name what is asked for, for the error
   * @param options.nests whether it may run within another task
   * @throws NotReadyError when it may not, and is asked for within one
   */
  async run<T>(
    name: string,
    task: () => Promise<T>,
    { nests = false }: { readonly nests?: boolean } = {},
  ): Promise<T> {
    if (this.#running.getStore()?.isUnderWay) {
      if (nests) return task();
      throw new NotReadyError(
        `${name} was called from within another call (by its input function, reporter or trigger), which would wait for itself. Call it before or after.`,
      );
    }
    const asker = { isUnderWay: true };
    const result = this.#last
      .then(() => this.#running.run(asker, task))
      .finally(() => {
        asker.isUnderWay = false;
      });
    // A failure belongs to whoever holds `result`; it must not stop the tasks after it.
    this.#last = result.catch(() => {});
    return result;
  }
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { SerialQueue } from '@elistimator/internal';
import { NotReadyError } from '../errors';

/**
 * Runs an estimator's calls one at a time, in the order in which they are made.
 *
 * A call made by the running call, for example by an input function that predicts, would wait for
 * itself. It runs at once if it may, and is rejected otherwise.
 */
export class CallQueue {
  /** The call that makes a call. Timers may outlive the call that started them. */
  readonly #caller = new AsyncLocalStorage<{ isRunning: boolean }>();
  readonly #queue = new SerialQueue();

  /**
   * Runs `call` after all earlier calls, whether these failed or not.
   *
   * @param name the public method, for the error
   * @param options.nests whether it may run inside another call
   * @throws NotReadyError when it is made inside another call and may not
   */
  async run<T>(
    name: string,
    call: () => Promise<T>,
    { nests = false }: { readonly nests?: boolean } = {},
  ): Promise<T> {
    if (this.#caller.getStore()?.isRunning) {
      if (nests) return call();
      throw new NotReadyError(
        `${name} was called inside another call (by its input function, reporter or trigger), which would deadlock. Call it before or after.`,
      );
    }
    const caller = { isRunning: true };
    return this.#queue.run(async () => {
      try {
        return await this.#caller.run(caller, call);
      } finally {
        caller.isRunning = false;
      }
    });
  }
}

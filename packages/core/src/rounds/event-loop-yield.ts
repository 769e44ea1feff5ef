import { setImmediate } from 'node:timers/promises';

/** How long, in milliseconds, a loop may keep timers, signals and I/O waiting. */
const MAX_BLOCKING = 50;

/**
 * Lets timers, signals and I/O run during a loop over steps. Most backends compute synchronously, and a
 * loop that awaits only promises would never return to the event loop.
 */
export class EventLoopYield {
  #last = performance.now();

  /** Returns to the event loop if the last time was too long ago. */
  ifDue(): Promise<void> | undefined {
    return performance.now() - this.#last < MAX_BLOCKING ? undefined : this.#yield();
  }

  async #yield(): Promise<void> {
    await setImmediate();
    this.#last = performance.now();
  }
}

import { setImmediate } from 'node:timers/promises';

/** How long, in milliseconds, a loop may keep timers, signals and I/O waiting. */
const LONGEST_WAIT = 50;

/**
 * Lets the rest of the process run during a loop over steps. Most backends compute synchronously, so
 * a loop that only awaits promises would never let timers, signals and I/O in.
 */
export class Pace {
  #last = performance.now();

  /** Gives the event loop a turn when the last one is too long ago. */
  async keep(): Promise<void> {
    if (performance.now() - this.#last < LONGEST_WAIT) return;
    await setImmediate();
    this.#last = performance.now();
  }
}

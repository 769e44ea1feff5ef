import { setImmediate } from 'node:timers/promises';

/**
 * Gives timers, signals and I/O a turn. Most backends compute synchronously, so a loop over steps
 * that only awaits promises would never let them in.
 */
export const yieldToEventLoop = (): Promise<void> => setImmediate();

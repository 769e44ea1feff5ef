const events = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Runs a task, and takes away the listeners that it left on the process for uncaught errors.
 *
 * Emscripten's module of the WebAssembly backend installs some that throw the error again: Node then
 * prints the whole minified module before the error of the user's own program.
 */
export const withoutErrorListeners = async <T>(task: () => Promise<T>): Promise<T> => {
  const before = events.map((event) => new Set<unknown>(process.rawListeners(event)));
  try {
    return await task();
  } finally {
    events.forEach((event, index) => {
      for (const listener of process.rawListeners(event)) {
        if (before[index]?.has(listener)) continue;
        process.off(event, listener as () => void);
      }
    });
  }
};

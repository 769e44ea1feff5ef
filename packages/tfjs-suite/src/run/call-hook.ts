type AnyFunction = (...args: unknown[]) => unknown;

/**
 * What an operation of the bundled tfjs does when it is called. The bundler makes every operation, and every
 * function that `tf.grad()` and its relatives return, go through here.
 */
export const callHook: {
  run(name: string, operation: AnyFunction, args: unknown[]): unknown;
} = {
  run: (_name, operation, args) => operation(...args),
};

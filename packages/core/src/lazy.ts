/** A value, or a function that returns it when it is needed. */
export type Lazy<T> = T | (() => T);

/** The value of a lazy. */
export const force = <T>(lazy: Lazy<T>): T =>
  typeof lazy === 'function' ? (lazy as () => T)() : lazy;

/** A value, or a function that gives it when it is needed. */
export type Lazy<T> = T | (() => T);

/** The value itself. */
export const force = <T>(lazy: Lazy<T>): T =>
  typeof lazy === 'function' ? (lazy as () => T)() : lazy;

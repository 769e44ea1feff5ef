/** The public functions that accept more arguments than they have parameters, sorted by name. */
export const uncheckedFunctions: (exports: object) => Promise<string[]>;

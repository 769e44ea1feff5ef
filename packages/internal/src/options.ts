import type { Explanation } from './errors';
import { didYouMean, listNames } from './names';

/** `trainSaverArgs` of `setup()`: a key by key table of the options that a function takes. */
export type KnownKeys<Options> = { readonly [Key in keyof Required<Options>]: true };

/**
 * Rejects option objects with unknown keys, which are usually misspelt and would be ignored silently.
 *
 * @param subject what the options belong to, such as `setup()`
 * @param known one entry for each option; the type makes sure that none is missing
 * @param fail creates the error to throw
 */
export const assertKnownKeys = <Options extends object>(
  subject: string,
  options: Options | undefined,
  known: KnownKeys<Options>,
  fail: (explanation: Explanation) => Error,
): void => {
  if (options === undefined) return;
  const names = Object.keys(known);
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw fail({
      subject: `options of ${subject}`,
      expected: 'an object',
      actual: Array.isArray(options) ? 'an array' : options === null ? 'null' : String(options),
      fix: `Pass an object with any of ${listNames(names, names.length)}.`,
    });
  }
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(known, key));
  if (unknown === undefined) return;
  throw fail({
    subject: `options of ${subject}`,
    expected: `only ${listNames(names, names.length)}`,
    actual: `"${unknown}"`,
    fix: didYouMean(unknown, names),
  });
};

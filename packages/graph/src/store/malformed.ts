import { GraphFormatError } from '../graph/errors';

/** Throws: a part of the stored graph is not what it has to be. */
export const malformed = (operation: string, expected: string, actual: unknown): never => {
  const text = JSON.stringify(actual) ?? String(actual);
  throw new GraphFormatError({
    subject: `operation "${operation.slice(0, 100)}" of the stored graph`,
    expected,
    actual: text.slice(0, 100),
    fix: 'The graph is damaged: take another copy.',
  });
};

/** What a value is, in a word or two, for messages. */
export const describe = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'object') return value.constructor?.name ?? 'an object';
  return `a ${typeof value}`;
};

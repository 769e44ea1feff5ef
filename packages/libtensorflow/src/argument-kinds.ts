import type { Kind } from '@elistimator/internal';

/** A serialized message, such as what `readFileSync()` returns. */
export const bytes: Kind = {
  expected: 'bytes (a Uint8Array)',
  accepts: (value) => value instanceof Uint8Array,
};

export const nameList: Kind = {
  expected: 'a list of names',
  accepts: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
};

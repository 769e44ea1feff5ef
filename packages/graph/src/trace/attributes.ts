import type { AttributeValue } from '../graph/types';

const MAX_DEPTH = 16;

const plain = (value: unknown, path: string, depth: number): AttributeValue => {
  if (value === null || value === undefined) return value;
  if (['boolean', 'number', 'string'].includes(typeof value)) return value as AttributeValue;
  const isList =
    Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  if (depth < MAX_DEPTH && isList) {
    return Array.from(value as ArrayLike<unknown>, (part, index) =>
      plain(part, `${path}[${index}]`, depth + 1),
    );
  }
  const prototype: unknown = typeof value === 'object' && Object.getPrototypeOf(value);
  if (depth < MAX_DEPTH && (prototype === Object.prototype || prototype === null)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, plain(part, `${path}.${key}`, depth + 1)]),
    );
  }
  const shown = typeof value === 'object' ? value.constructor.name : typeof value;
  throw new TypeError(`${path}, a ${shown}`);
};

/**
 * A copy of a kernel's attributes, typed arrays as lists.
 *
 * @returns a TypeError that names the attribute when one is more than numbers, texts and lists of such
 */
export const attributesOf = (attributes: object): Record<string, AttributeValue> | TypeError => {
  try {
    return Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, plain(value, name, 0)]),
    );
  } catch (error) {
    if (error instanceof TypeError) return error;
    throw error;
  }
};

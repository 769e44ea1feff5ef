const freeze = (value: unknown): void => {
  if (typeof value !== 'object' || value === null) return;
  for (const part of Object.values(value)) freeze(part);
  Object.freeze(value);
};

/** A copy of plain data, for callers who might change it. */
export const frozenCopy = <T>(value: T): T => {
  const copy = structuredClone(value);
  freeze(copy);
  return copy;
};

/** Freezes plain objects and arrays with all that they contain, and returns the value. */
export const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
};

/** True if one of the values is NaN or infinite. */
export const hasNonFinite = (values: Float32Array | Float64Array): boolean => {
  // A number times 0 is NaN if it is not finite. Four sums are faster than one, and than a test of each value.
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let index = 0; index < whole; index += 4) {
    a += (values[index] as number) * 0;
    b += (values[index + 1] as number) * 0;
    c += (values[index + 2] as number) * 0;
    d += (values[index + 3] as number) * 0;
  }
  for (let index = whole; index < values.length; index++) a += (values[index] as number) * 0;
  return Number.isNaN(a + b + c + d);
};

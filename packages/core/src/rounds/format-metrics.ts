/** A float32's shortest decimal text that reads back as the same float32, as NumPy prints it. */
const formatFloat32 = (value: number): string => {
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(single.toPrecision(digits));
    if (Math.fround(text) === single) return String(text);
  }
  return String(Number(single.toPrecision(9)));
};

/** The numbers among some metrics as one line: `accuracy=0.9779 loss=0.07041411`. */
export const formatMetrics = (metrics: Readonly<Record<string, unknown>>): string =>
  Object.entries(metrics)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number')
    .map(([name, value]) => `${name}=${formatFloat32(value)}`)
    .join(' ');

import fc from 'fast-check';

type Pad = 'same' | 'valid' | number | [[0, 0], [number, number], [number, number], [0, 0]];

/** A convolution whose window fits the padded image. */
export interface Convolution {
  readonly xShape: [number, number, number, number];
  readonly filterShape: [number, number, number, number];
  readonly strides: [number, number];
  readonly dilations: [number, number];
  readonly pad: Pad;
  readonly seed: number;
}

const upTo = (largest: number) => fc.integer({ min: 1, max: largest });
const side = fc.integer({ min: 0, max: 3 });

const pads: fc.Arbitrary<Pad> = fc.oneof(
  fc.constantFrom<Pad>('same', 'valid'),
  fc.integer({ min: 0, max: 3 }),
  fc.tuple(side, side, side, side).map(
    ([top, bottom, left, right]): Pad => [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ],
  ),
);

const fits = (pad: Pad, axis: 0 | 1, size: number, window: number): boolean => {
  if (typeof pad === 'string') return pad === 'same' || size >= window;
  const [before, after] = typeof pad === 'number' ? [pad, pad] : pad[axis === 0 ? 1 : 2];
  return size + before + after >= window;
};

/**
 * Converts a number to explicit padding: cpu supports a number only for square windows and equal
 * strides.
 */
export const explicitPad = (pad: Pad): Exclude<Pad, number> =>
  typeof pad === 'number'
    ? [
        [0, 0],
        [pad, pad],
        [pad, pad],
        [0, 0],
      ]
    : pad;

/** Arbitrary convolutions. */
export const convolutions = (
  options: { readonly maxStride?: number; readonly maxDilation?: number } = {},
): fc.Arbitrary<Convolution> => {
  const { maxStride = 3, maxDilation = 1 } = options;
  return fc
    .record({
      xShape: fc.tuple(upTo(3), upTo(9), upTo(9), upTo(4)),
      window: fc.tuple(upTo(4), upTo(4)),
      outChannels: upTo(4),
      strides: fc.tuple(upTo(maxStride), upTo(maxStride)),
      dilations: fc.tuple(upTo(maxDilation), upTo(maxDilation)),
      pad: pads,
      seed: fc.nat(1000),
    })
    .filter(({ xShape, window, dilations, pad }) =>
      ([0, 1] as const).every((axis) => {
        const covered = (window[axis] - 1) * dilations[axis] + 1;
        const size = axis === 0 ? xShape[1] : xShape[2];
        return fits(pad, axis, size, covered);
      }),
    )
    .map(({ xShape, window, outChannels, ...rest }) => ({
      xShape,
      filterShape: [window[0], window[1], xShape[3], outChannels],
      ...rest,
    }));
};

/** Arbitrary poolings that tfjs supports: the padding is less than the window. */
export const poolings = (): fc.Arbitrary<Convolution> =>
  convolutions().filter(({ pad, filterShape }) => {
    if (typeof pad === 'string') return true;
    const [, rows, columns] = typeof pad === 'number' ? [0, [pad], [pad]] : pad;
    return Math.max(...rows) < filterShape[0] && Math.max(...columns) < filterShape[1];
  });

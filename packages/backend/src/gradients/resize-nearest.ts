interface ResizedAxis {
  readonly size: number;
  readonly newSize: number;
}

/** Attributes of ResizeNearestNeighbor and of its gradient. */
export interface NearestAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters?: boolean;
}

/** Rounds to the precision of the backend's arithmetic. */
type Round = (value: number) => number;

/** For each index of the resized axis, the index it was copied from. */
const sourceIndices = (
  { size, newSize }: ResizedAxis,
  { alignCorners, halfPixelCenters }: NearestAttributes,
  round: Round,
): number[] => {
  const corners = alignCorners && newSize > 1;
  const scale = round(corners ? (size - 1) / (newSize - 1) : size / newSize);
  return Array.from({ length: newSize }, (_, index) => {
    const position = round(scale * (halfPixelCenters ? index + 0.5 : index));
    return Math.min(size - 1, alignCorners ? Math.round(position) : Math.floor(position));
  });
};

/**
 * The gradient of nearest-neighbor resizing: adds each element's gradient to the element it was
 * copied from.
 *
 * @param dx [batch, height, width, channels], updated in place
 * @param dy [batch, newHeight, newWidth, channels]
 * @param round `Math.fround` for a backend that computes in float32, identity for one that computes
 *   in float64
 */
export const addToNearest = (
  dx: Float32Array,
  dy: Float32Array,
  shapes: { readonly dx: readonly number[]; readonly dy: readonly number[] },
  attributes: NearestAttributes,
  round: Round,
): void => {
  const [batch = 0, height = 0, width = 0, channels = 0] = shapes.dx;
  const [, newHeight = 0, newWidth = 0] = shapes.dy;
  const rows = sourceIndices({ size: height, newSize: newHeight }, attributes, round);
  const columns = sourceIndices({ size: width, newSize: newWidth }, attributes, round);
  let from = 0;
  for (let image = 0; image < batch; image++) {
    for (const row of rows) {
      for (const column of columns) {
        const to = ((image * height + row) * width + column) * channels;
        for (let channel = 0; channel < channels; channel++, from++) {
          dx[to + channel] = (dx[to + channel] as number) + (dy[from] as number);
        }
      }
    }
  }
};

/** How one dimension of an image was resized. */
interface Resized {
  readonly size: number;
  readonly newSize: number;
}

/** What tfjs gives to ResizeNearestNeighbor and its gradient. */
export interface NearestAttributes {
  readonly alignCorners: boolean;
  readonly halfPixelCenters?: boolean;
}

/** Rounds as the backend's own arithmetic does. */
type Precision = (value: number) => number;

/** The element that each new element was taken from. */
const sources = (
  { size, newSize }: Resized,
  { alignCorners, halfPixelCenters }: NearestAttributes,
  precision: Precision,
): number[] => {
  const corners = alignCorners && newSize > 1;
  const scale = precision(corners ? (size - 1) / (newSize - 1) : size / newSize);
  return Array.from({ length: newSize }, (_, index) => {
    const place = precision(scale * (halfPixelCenters ? index + 0.5 : index));
    return Math.min(size - 1, alignCorners ? Math.round(place) : Math.floor(place));
  });
};

/**
 * The gradient of resizing to the nearest: adds each new element's to the element it was taken from.
 *
 * @param dx [batch, height, width, channels], added to in place
 * @param dy [batch, newHeight, newWidth, channels]
 */
export const addToNearest = (
  dx: Float32Array,
  dy: Float32Array,
  shapes: { readonly dx: readonly number[]; readonly dy: readonly number[] },
  attributes: NearestAttributes,
  precision: Precision,
): void => {
  const [batch = 0, height = 0, width = 0, channels = 0] = shapes.dx;
  const [, newHeight = 0, newWidth = 0] = shapes.dy;
  const rows = sources({ size: height, newSize: newHeight }, attributes, precision);
  const columns = sources({ size: width, newSize: newWidth }, attributes, precision);
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

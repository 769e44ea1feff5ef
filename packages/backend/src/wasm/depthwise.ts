/** Where the windows of a depthwise convolution lie in its image. */
export interface DepthwiseWindows {
  readonly batchSize: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly outChannels: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}

/**
 * Visits every element of a depthwise convolution's filter at every place where it lies on the
 * image, a run of channels at a time.
 *
 * @param visit takes the index in the image of the first channel, in the output of the first
 *   channel, and in the filter of the first channel
 */
export const forEachDepthwisePlace = (
  geometry: DepthwiseWindows,
  visit: (image: number, output: number, filter: number) => void,
): void => {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = geometry;
  const { filterHeight, filterWidth, strideHeight, strideWidth } = geometry;
  const { dilationHeight, dilationWidth, padInfo } = geometry;
  for (let batch = 0; batch < batchSize; batch++) {
    for (let row = 0; row < outHeight; row++) {
      for (let filterRow = 0; filterRow < filterHeight; filterRow++) {
        const y = row * strideHeight - padInfo.top + filterRow * dilationHeight;
        if (y < 0 || y >= inHeight) continue;
        for (let column = 0; column < outWidth; column++) {
          const output = ((batch * outHeight + row) * outWidth + column) * outChannels;
          for (let filterColumn = 0; filterColumn < filterWidth; filterColumn++) {
            const x = column * strideWidth - padInfo.left + filterColumn * dilationWidth;
            if (x < 0 || x >= inWidth) continue;
            const image = ((batch * inHeight + y) * inWidth + x) * inChannels;
            visit(image, output, (filterRow * filterWidth + filterColumn) * outChannels);
          }
        }
      }
    }
  }
};

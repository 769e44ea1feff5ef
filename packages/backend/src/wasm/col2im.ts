/** Where the windows of a convolution lie in its image. */
export interface Windows {
  readonly inHeight: number;
  readonly inWidth: number;
  readonly inChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}

/**
 * Adds what each window holds to the image elements that it covers: the transpose of im2col.
 *
 * @param windows [images, outHeight, outWidth, filterHeight, filterWidth, channels]
 * @param images [images, inHeight, inWidth, channels], added to in place
 */
export const col2im = (
  windows: Float32Array,
  images: Float32Array,
  count: number,
  geometry: Windows,
): void => {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } =
    geometry;
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = geometry;
  let from = 0;
  for (let image = 0; image < count; image++) {
    for (let row = 0; row < outHeight; row++) {
      for (let column = 0; column < outWidth; column++) {
        for (let filterRow = 0; filterRow < filterHeight; filterRow++) {
          const y = row * strideHeight - padInfo.top + filterRow * dilationHeight;
          if (y < 0 || y >= inHeight) {
            from += filterWidth * inChannels;
            continue;
          }
          for (let filterColumn = 0; filterColumn < filterWidth; filterColumn++) {
            const x = column * strideWidth - padInfo.left + filterColumn * dilationWidth;
            if (x < 0 || x >= inWidth) {
              from += inChannels;
              continue;
            }
            const to = ((image * inHeight + y) * inWidth + x) * inChannels;
            for (let channel = 0; channel < inChannels; channel++, from++) {
              images[to + channel] = (images[to + channel] as number) + (windows[from] as number);
            }
          }
        }
      }
    }
  }
};

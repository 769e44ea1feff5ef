/** Pixels of an image. */
export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);

/** `IHDR` is always a PNG's first chunk. */
const pngSize = (view: DataView): ImageSize => ({
  width: view.getUint32(16),
  height: view.getUint32(20),
});

const gifSize = (view: DataView): ImageSize => ({
  width: view.getUint16(6, true),
  height: view.getUint16(8, true),
});

const bmpSize = (view: DataView): ImageSize => ({
  width: view.getInt32(18, true),
  // Negative where rows go from top to bottom.
  height: Math.abs(view.getInt32(22, true)),
});

/** Start-of-frame markers; 0xc4, 0xc8 and 0xcc mark something else. */
const isStartOfFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** A JPEG's size lies in its first start-of-frame segment. */
const jpegSize = (view: DataView): ImageSize => {
  for (let at = 2; ; ) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at += 1;
    else if (isStartOfFrame(marker)) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    } else at += 2 + view.getUint16(at + 2);
  }
};

const FORMATS = [
  { magic: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], sizeOf: pngSize },
  { magic: [0xff, 0xd8, 0xff], sizeOf: jpegSize },
  { magic: [0x47, 0x49, 0x46, 0x38], sizeOf: gifSize },
  { magic: [0x42, 0x4d], sizeOf: bmpSize },
] as const;

/**
 * The size of an encoded image, by its header.
 *
 * @returns undefined when it is no PNG, JPEG, GIF or BMP, or is cut off before its size
 */
export const readImageSize = (bytes: Uint8Array): ImageSize | undefined => {
  const format = FORMATS.find(({ magic }) => startsWith(bytes, magic));
  if (!format) return undefined;
  try {
    const size = format.sizeOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    return size.width > 0 && size.height > 0 ? size : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

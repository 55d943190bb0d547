/** What the markers of a JPEG say. */
export type JpegInfo = { readonly widthPx: number; readonly heightPx: number };

/**
 * Reads the size of a complete JPEG from its markers; null when it is not one, or is cut off (no end-of-image marker).
 * Markers: ITU-T T.81, annex B.
 */
export function readJpegInfo(bytes: Uint8Array): JpegInfo | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { byteLength } = bytes;
  if (byteLength < 4 || view.getUint16(0) !== 0xffd8 || view.getUint16(byteLength - 2) !== 0xffd9) return null;
  let size: JpegInfo | null = null;
  let at = 2;
  while (at + 4 <= byteLength) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = view.getUint16(at + 2);
    if (length < 2 || at + 2 + length > byteLength) return null;
    if (isStartOfFrame(marker)) {
      if (length < 8) return null;
      size = { heightPx: view.getUint16(at + 5), widthPx: view.getUint16(at + 7) };
    }
    // Start of scan: coded data follows up to the end marker that was checked above.
    if (marker === 0xda) return size !== null && size.widthPx > 0 && size.heightPx > 0 ? size : null;
    at += 2 + length;
  }
  return null;
}

// C0..CF, except C4 (Huffman tables), C8 (reserved) and CC (arithmetic conditioning).
function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

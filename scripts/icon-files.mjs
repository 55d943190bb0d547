// https://en.wikipedia.org/wiki/Apple_Icon_Image_format: PNG data by kind; the second half are the pictures for displays with
// two dots a point.
const icnsKinds = [
  ['icp4', 16],
  ['icp5', 32],
  ['icp6', 64],
  ['ic07', 128],
  ['ic08', 256],
  ['ic09', 512],
  ['ic11', 32],
  ['ic12', 64],
  ['ic13', 256],
  ['ic14', 512],
  ['ic10', 1024],
];
const icoPixels = [16, 24, 32, 48, 64, 128, 256];

/** An icon file for macOS of PNG pictures by their width. */
export function icnsOf(pictures) {
  const parts = icnsKinds.map(([kind, pixels]) => {
    const head = Buffer.alloc(8);
    head.write(kind, 'latin1');
    head.writeUInt32BE(pictures.get(pixels).length + 8, 4);
    return Buffer.concat([head, pictures.get(pixels)]);
  });
  const head = Buffer.alloc(8);
  head.write('icns', 'latin1');
  head.writeUInt32BE(
    parts.reduce((sum, part) => sum + part.length, 8),
    4,
  );
  return Buffer.concat([head, ...parts]);
}

/** An icon file for Windows (Vista and later) of PNG pictures by their width. */
export function icoOf(pictures) {
  // https://learn.microsoft.com/en-us/previous-versions/ms997538(v=msdn.10)
  const head = Buffer.alloc(6 + 16 * icoPixels.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(icoPixels.length, 4);
  let offset = head.length;
  for (const [index, pixels] of icoPixels.entries()) {
    const at = 6 + 16 * index;
    const { length } = pictures.get(pixels);
    // 256 does not fit into a byte and is written as 0.
    head.writeUInt8(pixels % 256, at);
    head.writeUInt8(pixels % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += length;
  }
  return Buffer.concat([head, ...icoPixels.map((pixels) => pictures.get(pixels))]);
}

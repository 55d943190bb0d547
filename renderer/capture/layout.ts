/** A place on the mix's canvas, in whole pixels. */
export type Rectangle = { x: number; y: number; width: number; height: number };

const GAP_PIXELS = 8;
const TILE_ASPECT = 16 / 9;

/** Places `count` tiles of 16:9 on a canvas, as large as they can be, last row centred; order is reading order. */
export function layOutTiles(count: number, canvasWidth: number, canvasHeight: number): Rectangle[] {
  if (count <= 0) return [];
  if (count === 1) return [fit(0, 0, canvasWidth, canvasHeight, TILE_ASPECT)];
  let best = { columns: 1, width: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const width = Math.min(
      (canvasWidth - GAP_PIXELS * (columns + 1)) / columns,
      ((canvasHeight - GAP_PIXELS * (rows + 1)) / rows) * TILE_ASPECT,
    );
    if (width > best.width) best = { columns, width };
  }
  const width = Math.floor(best.width / 2) * 2;
  const height = Math.floor(best.width / TILE_ASPECT / 2) * 2;
  const rows = Math.ceil(count / best.columns);
  const top = (canvasHeight - rows * height - (rows - 1) * GAP_PIXELS) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / best.columns);
    const inRow = Math.min(best.columns, count - row * best.columns);
    const left = (canvasWidth - inRow * width - (inRow - 1) * GAP_PIXELS) / 2;
    return {
      x: Math.round(left + (index - row * best.columns) * (width + GAP_PIXELS)),
      y: Math.round(top + row * (height + GAP_PIXELS)),
      width,
      height,
    };
  });
}

/** The largest rectangle of a picture's own shape inside a tile, centred: nothing is cropped, nothing is stretched. */
export function fitPicture(tile: Rectangle, pictureWidth: number, pictureHeight: number): Rectangle {
  if (pictureWidth <= 0 || pictureHeight <= 0) return tile;
  return fit(tile.x, tile.y, tile.width, tile.height, pictureWidth / pictureHeight);
}

function fit(x: number, y: number, width: number, height: number, aspect: number): Rectangle {
  // A pixel or less of difference is rounding, not another shape: fill the tile.
  const fitted =
    width / height > aspect
      ? { width: Math.round(height * aspect), height }
      : { width, height: Math.round(width / aspect) };
  if (Math.abs(fitted.width - width) <= 2 && Math.abs(fitted.height - height) <= 2) return { x, y, width, height };
  return {
    x: Math.round(x + (width - fitted.width) / 2),
    y: Math.round(y + (height - fitted.height) / 2),
    ...fitted,
  };
}

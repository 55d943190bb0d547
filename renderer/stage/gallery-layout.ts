/** Where one tile stands, in pixels of the gallery. */
export type TileBox = { left: number; top: number; width: number; height: number };

export type GalleryLayout = { columns: number; rows: number; tiles: TileBox[] };

/** A tile may be as narrow as 4:3 and as wide as 16:9; a picture is cut a little rather than boxed in. */
const NARROWEST = 4 / 3;
const WIDEST = 16 / 9;

/** Lays out equal tiles so that they cover the most of the window; the last row stands in the middle. */
export function galleryLayout(count: number, width: number, height: number, gap: number): GalleryLayout {
  if (count <= 0 || width <= 0 || height <= 0) return { columns: 0, rows: 0, tiles: [] };
  let best = { columns: 1, rows: count, tileWidth: 0, tileHeight: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const cellWidth = (width - gap * (columns - 1)) / columns;
    const cellHeight = (height - gap * (rows - 1)) / rows;
    if (cellWidth <= 0 || cellHeight <= 0) continue;
    const tileWidth = Math.min(cellWidth, cellHeight * WIDEST);
    const tileHeight = Math.min(cellHeight, tileWidth / NARROWEST);
    if (tileWidth * tileHeight > best.tileWidth * best.tileHeight) best = { columns, rows, tileWidth, tileHeight };
  }
  const { columns, rows, tileWidth, tileHeight } = best;
  const blockHeight = rows * tileHeight + (rows - 1) * gap;
  const tiles = Array.from({ length: count }, (_, index): TileBox => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const rowWidth = inRow * tileWidth + (inRow - 1) * gap;
    return {
      left: (width - rowWidth) / 2 + (index % columns) * (tileWidth + gap),
      top: (height - blockHeight) / 2 + row * (tileHeight + gap),
      width: tileWidth,
      height: tileHeight,
    };
  });
  return { columns, rows, tiles };
}

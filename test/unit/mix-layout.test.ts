import { describe, expect, it } from 'vitest';
import { fitPicture, layOutTiles } from '../../renderer/capture/layout.ts';
import type { Rectangle } from '../../renderer/capture/layout.ts';

const overlap = (a: Rectangle, b: Rectangle): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('the tiles of the mix', () => {
  it('give one person the whole canvas and nobody nothing', () => {
    expect(layOutTiles(1, 1280, 720)).toEqual([{ x: 0, y: 0, width: 1280, height: 720 }]);
    expect(layOutTiles(0, 1280, 720)).toEqual([]);
  });

  it('stand side by side for two, in the middle of the height', () => {
    const [left, right] = layOutTiles(2, 1280, 720);
    expect(left).toEqual({ x: 8, y: 184, width: 628, height: 352 });
    expect(right).toEqual({ x: 644, y: 184, width: 628, height: 352 });
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 12, 25, 50])('of %i people lie inside the canvas, apart, alike and 16:9', (count) => {
    const tiles = layOutTiles(count, 1280, 720);
    expect(tiles).toHaveLength(count);
    for (const tile of tiles) {
      expect(tile.x).toBeGreaterThanOrEqual(0);
      expect(tile.y).toBeGreaterThanOrEqual(0);
      expect(tile.x + tile.width).toBeLessThanOrEqual(1280);
      expect(tile.y + tile.height).toBeLessThanOrEqual(720);
      expect(tile.width / tile.height).toBeCloseTo(16 / 9, 1);
      expect({ width: tile.width, height: tile.height }).toEqual({
        width: tiles[0]?.width,
        height: tiles[0]?.height,
      });
    }
    for (const [index, tile] of tiles.entries()) {
      for (const other of tiles.slice(index + 1)) expect(overlap(tile, other)).toBe(false);
    }
  });

  it('centre a last row that is not full', () => {
    const last = layOutTiles(3, 1280, 720)[2];
    expect(last === undefined ? 0 : last.x + last.width / 2).toBeCloseTo(640, 0);
  });
});

describe('a picture in its tile', () => {
  const tile = { x: 100, y: 50, width: 640, height: 360 };

  it('fills a tile of its own shape, however it is rounded', () => {
    expect(fitPicture(tile, 1280, 720)).toEqual(tile);
    expect(fitPicture({ ...tile, width: 628, height: 354 }, 640, 360)).toEqual({ ...tile, width: 628, height: 354 });
  });

  it('is neither cropped nor stretched in a tile of another shape', () => {
    expect(fitPicture(tile, 640, 480)).toEqual({ x: 180, y: 50, width: 480, height: 360 });
    expect(fitPicture(tile, 360, 640)).toEqual({ x: 319, y: 50, width: 203, height: 360 });
  });
});

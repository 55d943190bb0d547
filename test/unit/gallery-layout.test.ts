import { describe, expect, it } from 'vitest';
import { galleryLayout } from '../../renderer/stage/gallery-layout.ts';

const GAP = 8;

describe('gallery layout', () => {
  it('has no tiles for nobody or for a window without room', () => {
    expect(galleryLayout(0, 1280, 700, GAP).tiles).toEqual([]);
    expect(galleryLayout(2, 0, 700, GAP).tiles).toEqual([]);
  });

  it('gives one person the whole height at 16:9', () => {
    const [tile] = galleryLayout(1, 1280, 640, GAP).tiles;
    expect(tile?.height).toBe(640);
    expect(tile?.width).toBeCloseTo((640 * 16) / 9, 5);
  });

  it('puts two people side by side in a wide window and one above the other in a tall one', () => {
    expect(galleryLayout(2, 1280, 640, GAP)).toMatchObject({ columns: 2, rows: 1 });
    expect(galleryLayout(2, 500, 900, GAP)).toMatchObject({ columns: 1, rows: 2 });
  });

  it('stands a short last row in the middle', () => {
    const { tiles, columns } = galleryLayout(3, 1280, 700, GAP);
    expect(columns).toBe(2);
    const last = tiles[2];
    expect(last && last.left + last.width / 2).toBeCloseTo(640, 5);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 12])(
    'keeps %i tiles inside the window, equal, apart, and between 4:3 and 16:9',
    (count) => {
      for (const [width, height] of [
        [1280, 688],
        [900, 488],
        [400, 900],
        [2560, 500],
      ] as const) {
        const { tiles } = galleryLayout(count, width, height, GAP);
        expect(tiles).toHaveLength(count);
        for (const [index, tile] of tiles.entries()) {
          expect(tile.left).toBeGreaterThanOrEqual(-0.001);
          expect(tile.top).toBeGreaterThanOrEqual(-0.001);
          expect(tile.left + tile.width).toBeLessThanOrEqual(width + 0.001);
          expect(tile.top + tile.height).toBeLessThanOrEqual(height + 0.001);
          const shape = tile.width / tile.height;
          expect(shape).toBeGreaterThanOrEqual(4 / 3 - 0.001);
          expect(shape).toBeLessThanOrEqual(16 / 9 + 0.001);
          for (const other of tiles.slice(index + 1)) {
            const apart =
              tile.left + tile.width + GAP <= other.left + 0.001 ||
              other.left + other.width + GAP <= tile.left + 0.001 ||
              tile.top + tile.height + GAP <= other.top + 0.001 ||
              other.top + other.height + GAP <= tile.top + 0.001;
            expect(apart).toBe(true);
          }
        }
      }
    },
  );
});

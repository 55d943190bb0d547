import { readFileSync, writeFileSync } from 'node:fs';
import { screen } from 'electron';
import { z } from 'zod';

const length = z.int().min(300).max(20_000);
const place = z.int().min(-50_000).max(50_000);

const windowStateSchema = z.object({
  bounds: z.object({ x: place.optional(), y: place.optional(), width: length, height: length }),
  maximized: z.boolean(),
});
type WindowState = z.infer<typeof windowStateSchema>;

const FIRST_STATE: WindowState = { bounds: { width: 1180, height: 760 }, maximized: false };

function isOnAScreen(bounds: WindowState['bounds']): boolean {
  const { x, y } = bounds;
  if (x === undefined || y === undefined) return true;
  // At least a corner that can be grabbed.
  return screen
    .getAllDisplays()
    .some(
      ({ workArea }) =>
        x + bounds.width > workArea.x + 80 &&
        x < workArea.x + workArea.width - 80 &&
        y >= workArea.y - 20 &&
        y < workArea.y + workArea.height - 40,
    );
}

/** Reads where the window was; anything unreadable, or a place on a screen that is gone, gives the first-run window. */
export function readWindowState(file: string): WindowState {
  try {
    const state = windowStateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return isOnAScreen(state.bounds) ? state : FIRST_STATE;
  } catch {
    return FIRST_STATE;
  }
}

/** Notes where the window is. Losing this file costs nothing, so it is written plainly. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(file, JSON.stringify(state));
  } catch {
    // A profile that cannot be written to is reported where it matters (settings, recordings).
  }
}

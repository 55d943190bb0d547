import { BIN_DAYS } from '../../contract/retention.ts';
import type { Binned } from '../recording/recording-bin.ts';

/** Counts the days of what lies in the bin. */
export type BinDays = {
  load: (seen: ReadonlyMap<string, number>) => void;
  seen: () => ReadonlyMap<string, number>;
  /** Notes what lies there now; true when something changed. */
  look: (entries: readonly Pick<Binned, 'id'>[], believedMs: number) => boolean;
  /** When an entry goes for good. */
  goesAtMs: (entry: Pick<Binned, 'id' | 'binnedWallMs'>, nowMs: number, believedMs: number) => number;
};

/** How long it can be undone (issue 4). */
const KEPT_MS = BIN_DAYS * 24 * 3600 * 1000;

/**
 * An entry goes when its days are over by the wall clock and when as much time is believed to have passed since it was seen first:
 * a clock that was set ahead must not take the undo away.
 */
export function createBinDays(): BinDays {
  let seen: ReadonlyMap<string, number> = new Map();
  return {
    load: (remembered) => {
      seen = remembered;
    },
    seen: () => seen,
    look: (entries, believedMs) => {
      const next = new Map(entries.map(({ id }) => [id, seen.get(id) ?? believedMs]));
      const isChanged = next.size !== seen.size || [...next.keys()].some((id) => !seen.has(id));
      seen = next;
      return isChanged;
    },
    goesAtMs: ({ id, binnedWallMs }, nowMs, believedMs) => {
      const believedLeftMs = KEPT_MS - (believedMs - (seen.get(id) ?? believedMs));
      return Math.max(binnedWallMs + KEPT_MS, nowMs + Math.max(0, believedLeftMs));
    },
  };
}

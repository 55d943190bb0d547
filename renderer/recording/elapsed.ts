import { useState } from 'react';
import { useNow } from '../app/use-now.ts';

/** A running time that was right at one moment of this window's clock. */
export type ElapsedAnchor = { elapsedMs: number; atMs: number };

/** The time shown now: it goes on by itself between two reports, and stands still while nothing runs. */
export function elapsedAt(anchor: ElapsedAnchor, nowMs: number, running: boolean): number {
  return running ? anchor.elapsedMs + Math.max(0, nowMs - anchor.atMs) : anchor.elapsedMs;
}

/** Follows a reported running time (milliseconds). */
export function useElapsed(reportedMs: number, running: boolean): number {
  const now = useNow(250);
  const [anchor, setAnchor] = useState<ElapsedAnchor>({ elapsedMs: reportedMs, atMs: now });
  if (anchor.elapsedMs !== reportedMs) setAnchor({ elapsedMs: reportedMs, atMs: now });
  return elapsedAt(anchor, now, running);
}

import { useState } from 'react';
import { useNow } from '../app/use-now.ts';

/** A running time that was right at one moment of this window's clock. */
export type ElapsedAnchor = { elapsedMs: number; atMs: number; running: boolean };

/** The time shown now: it goes on by itself between two reports, and stands still while nothing runs. */
export function elapsedAt({ elapsedMs, atMs, running }: ElapsedAnchor, nowMs: number): number {
  return running ? elapsedMs + Math.max(0, nowMs - atMs) : elapsedMs;
}

/** The anchor after another report; after a pause the same time counts from now, not from before the pause. */
export function anchorOf(before: ElapsedAnchor | null, reportedMs: number, running: boolean, nowMs: number) {
  if (before !== null && before.elapsedMs === reportedMs && before.running === running) return before;
  return { elapsedMs: reportedMs, atMs: nowMs, running };
}

/** Follows a reported running time (milliseconds). */
export function useElapsed(reportedMs: number, running: boolean): number {
  const now = useNow(250);
  const [anchor, setAnchor] = useState<ElapsedAnchor>(() => anchorOf(null, reportedMs, running, now));
  const next = anchorOf(anchor, reportedMs, running, now);
  if (next !== anchor) setAnchor(next);
  return elapsedAt(next, now);
}

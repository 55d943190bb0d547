import type { Recording } from '../../contract/recording.ts';

/** Where a recording stands among others. */
export type Standing = { startedMs: number; id: string };

/** Where a recording stands: by its start, and where two started at the same millisecond, by their ids. */
export function standingOf({ startedAt, id }: Pick<Recording, 'startedAt' | 'id'>): Standing {
  return { startedMs: Date.parse(startedAt), id };
}

/** Puts newer ones first; zero only for the same recording. */
export function byNewest(a: Standing, b: Standing): number {
  return b.startedMs - a.startedMs || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1);
}

/** The first index in `rows`, newest first, at which `isReached` holds; it has to hold for all that follow too. */
export function firstWhere(rows: readonly Recording[], isReached: (standing: Standing) => boolean): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row === undefined || isReached(standingOf(row))) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** `rows`, newest first, with one of them replaced by what became of it, or with a new one. */
export function withRow(rows: readonly Recording[], before: Recording | null, now: Recording): Recording[] {
  const placeOf = (of: Recording): number => {
    const standing = standingOf(of);
    return firstWhere(rest, (each) => byNewest(each, standing) >= 0);
  };
  const rest = [...rows];
  if (before !== null && rest[placeOf(before)]?.id === before.id) rest.splice(placeOf(before), 1);
  rest.splice(placeOf(now), 0, now);
  return rest;
}

/** The recordings, newest first. */
export function newestFirst(recordings: readonly Recording[]): Recording[] {
  return recordings
    .map((recording) => ({ recording, standing: standingOf(recording) }))
    .sort((a, b) => byNewest(a.standing, b.standing))
    .map(({ recording }) => recording);
}

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

/** The recordings, newest first. */
export function newestFirst(recordings: readonly Recording[]): Recording[] {
  return recordings
    .map((recording) => ({ recording, standing: standingOf(recording) }))
    .sort((a, b) => byNewest(a.standing, b.standing))
    .map(({ recording }) => recording);
}

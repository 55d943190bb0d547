/** A place in a recording that has a name, as writeChapters takes it. */
export type Chapter = { readonly atMs: number; readonly name: string };

/** The box of MP4 counts its chapters in one byte; Matroska has no limit, but the files of one recording are to agree. */
export const MAX_CHAPTERS = 255;
/** Counted in characters (code points), so that none is cut in two. */
export const MAX_CHAPTER_NAME_LENGTH = 200;

/**
 * Chapters as they can be written: whole milliseconds within the file, in the order of time (equal times stay as they were
 * given), names in one line without control characters, no more than the first 255.
 */
export function tidyChapters(chapters: readonly Chapter[], durationMs: number): readonly Chapter[] {
  const lastMs = Number.isFinite(durationMs) ? Math.max(0, Math.floor(durationMs)) : 0;
  return chapters
    .filter(({ atMs }) => !Number.isNaN(atMs))
    .map(({ atMs, name }) => ({ atMs: Math.min(lastMs, Math.max(0, Math.round(atMs))), name: tidyName(name) }))
    .toSorted((a, b) => a.atMs - b.atMs)
    .slice(0, MAX_CHAPTERS);
}

function tidyName(name: string): string {
  const line = name.toWellFormed().replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return Array.from(line.trim()).slice(0, MAX_CHAPTER_NAME_LENGTH).join('').trimEnd();
}

/**
 * When the chapters start, in a container's own unit. Players take only chapters that begin after the one before (FFmpeg's Matroska
 * reader drops the others), so equal times are drawn apart by one unit each.
 */
export function startsInUnits(chapters: readonly Chapter[], unitsPerMs: number): readonly number[] {
  const starts: number[] = [];
  for (const { atMs } of chapters) starts.push(Math.max(atMs * unitsPerMs, (starts.at(-1) ?? -1) + 1));
  return starts;
}

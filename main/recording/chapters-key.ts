import { createHash } from 'node:crypto';
import { markerName } from '../../contract/marker-name.ts';
import type { Deliverable, Marker } from '../../contract/recording.ts';
import type { Chapter } from '../media/chapters/chapter-list.ts';
import type { RecordingModel } from './recording-model.ts';

/** The key of files without chapters, which is how every file begins. */
const NO_CHAPTERS = 'none';

/** Beginning of the note about files that could not be written; it goes when they were. */
export const NO_CHAPTERS_NOTE = 'The markers are kept in the Library, but not every file has them as chapters';

const STEP = 'chapters:';

/** The name in the journal of the step that writes these chapters. */
export function chaptersStepKey(key: string): string {
  return `${STEP}${key}`;
}

/** Whether this is the name of such a step. */
export function isChaptersStep(step: string): boolean {
  return step.startsWith(STEP);
}

/** The finished files that get the markers as chapters. */
export function filesWithChapters(deliverables: readonly Deliverable[]): Deliverable[] {
  return deliverables.filter(({ format }) => format === 'mp4' || format === 'mkv');
}

/** The markers that lie within a file, as its chapters: on the file's own clock, with their names. */
export function chaptersOf(markers: readonly Marker[], file: Pick<Deliverable, 'offsetMs' | 'durationMs'>): Chapter[] {
  return markers
    .map((marker) => ({ atMs: marker.atMs - file.offsetMs, name: markerName(markers, marker) }))
    .filter(({ atMs }) => atMs >= 0 && atMs <= file.durationMs);
}

/** Names the chapters that the files of a recording are to have: the same files and markers have the same key. */
function chaptersKey({ deliverables, markers }: Pick<RecordingModel, 'deliverables' | 'markers'>): string {
  const files = filesWithChapters(deliverables)
    .map((file) => ({ id: file.id, chapters: chaptersOf(markers, file).map(({ atMs, name }) => [atMs, name]) }))
    .filter(({ chapters }) => chapters.length > 0)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  if (files.length === 0) return NO_CHAPTERS;
  return createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 32);
}

/** The key that the files are still to be brought to; null when they have their chapters. */
export function chaptersToWrite(
  model: Pick<RecordingModel, 'deliverables' | 'markers' | 'chaptersKey'>,
): string | null {
  const key = chaptersKey(model);
  return key === (model.chaptersKey ?? NO_CHAPTERS) ? null : key;
}

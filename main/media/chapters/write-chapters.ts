import type { Files, OpenFile } from '../../recording/ports.ts';
import { MatroskaError } from '../matroska/matroska-error.ts';
import { tidyChapters } from './chapter-list.ts';
import type { Chapter } from './chapter-list.ts';
import { isStartOf, refuseChapters } from './chapter-plan.ts';
import type { ChapterPlan } from './chapter-plan.ts';
import { planMatroskaChapters } from './matroska-plan.ts';
import { planMp4Chapters } from './mp4-plan.ts';

const EBML_ID = Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3);

/**
 * Gives a finished WebM, Matroska or MP4 file these chapters in place of those it had; an empty list takes them out. The media
 * is not touched, whatever its length. Killed anywhere, the file stays playable and doing it again ends in the same bytes; a file
 * that has these chapters is only read. Rejects with a MediaError (RESULT_INVALID, `details.reason`), before any
 * change, when the file is not finished or not of a layout of ours; errors of the disk pass through.
 */
export async function writeChapters(
  files: Pick<Files, 'open'>,
  path: string,
  chapters: readonly Chapter[],
  durationMs: number,
): Promise<{ sizeBytes: number }> {
  const file = await files.open(path);
  try {
    const plan = await planChapters(file, tidyChapters(chapters, durationMs), durationMs);
    for (const step of plan.steps) {
      if (step.kind === 'truncate') await file.truncate(step.sizeBytes);
      else await file.write(step.bytes, step.offset);
      // A step relies on the one before: it must not reach the disk first.
      await file.sync();
    }
    return { sizeBytes: plan.sizeBytes };
  } finally {
    await file.close();
  }
}

async function planChapters(file: OpenFile, chapters: readonly Chapter[], durationMs: number): Promise<ChapterPlan> {
  const sizeBytes = await file.sizeBytes();
  const reader = { sizeBytes, read: (offset: number, length: number) => file.read(offset, length) };
  const first = await file.read(0, EBML_ID.length);
  if (first.length === 0 || !isStartOf(first, EBML_ID)) return planMp4Chapters(reader, chapters);
  try {
    return await planMatroskaChapters(reader, chapters, durationMs);
  } catch (error) {
    if (error instanceof MatroskaError) throw refuseChapters('layout', error.reason);
    throw error;
  }
}

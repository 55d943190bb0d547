import { join } from 'node:path';
import type { RecordingId } from '../../contract/ids.ts';
import type { Recording } from '../../contract/recording.ts';
import { readSegmentFacts } from '../media/matroska/segment-facts.ts';
import { replaceJournal } from './journal.ts';
import type { FoldedJournal } from './journal.ts';
import type { JournalRecord } from './journal-records.ts';
import type { Files, Ids } from './ports.ts';
import { DELIVERABLES_FOLDER, SEGMENTS_FOLDER } from './recording-folder.ts';
import type { RecordingModel } from './recording-model.ts';
import { parseSegmentName, salvagePlan } from './salvage-plan.ts';
import type { FoundSegment } from './salvage-plan.ts';

type SalvagePorts = { files: Files; ids: Ids; nowWallMs: () => number };

/** The records that an unfinished recording's journal lacks; none when it says all that there is. */
export async function missingRecords(
  ports: SalvagePorts,
  folder: string,
  folded: FoldedJournal & { model: RecordingModel },
  row: Recording | null,
): Promise<JournalRecord[]> {
  return plan(ports, folder, folded.model.id, folded, row);
}

/** Makes a journal for a recording that has none with a start, from all else that there is. */
export async function rebuildJournal(
  ports: SalvagePorts,
  folder: string,
  recordingId: RecordingId,
  folded: FoldedJournal | null,
  row: Recording | null,
): Promise<void> {
  await replaceJournal(ports.files, folder, await plan(ports, folder, recordingId, folded, row));
}

async function plan(
  { files, ids, nowWallMs }: SalvagePorts,
  folder: string,
  recordingId: RecordingId,
  folded: FoldedJournal | null,
  row: Recording | null,
): Promise<JournalRecord[]> {
  const model = folded?.model ?? null;
  const named = new Set(model?.tracks.flatMap((track) => track.segments.map((segment) => segment.file?.path)));
  return salvagePlan({
    recordingId,
    model,
    behind: folded?.behind ?? [],
    isDamaged: folded?.ending === 'damaged',
    row,
    files: await findSegments(files, folder, named),
    folderWallMs: (await files.modifiedWallMs(folder)) ?? nowWallMs(),
    hasMixMp4: (await files.list(join(folder, DELIVERABLES_FOLDER))).some(({ name }) => /^mix(-\d+)?\.mp4$/.test(name)),
    nextId: () => ids.next(),
  });
}

/** The segment files that are not named yet, with what their heads say. */
async function findSegments(
  files: Files,
  folder: string,
  named: ReadonlySet<string | undefined>,
): Promise<FoundSegment[]> {
  const found: FoundSegment[] = [];
  for (const entry of await files.list(join(folder, SEGMENTS_FOLDER))) {
    const parsed = entry.kind === 'file' ? parseSegmentName(entry.name) : null;
    if (parsed === null || named.has(parsed.file)) continue;
    const path = join(folder, SEGMENTS_FOLDER, entry.name);
    found.push({ ...parsed, facts: await factsOf(files, path), modifiedWallMs: await files.modifiedWallMs(path) });
  }
  return found;
}

async function factsOf(files: Files, path: string): Promise<FoundSegment['facts']> {
  try {
    const file = await files.open(path);
    try {
      return await readSegmentFacts((offset, length) => file.read(offset, length));
    } finally {
      await file.close();
    }
  } catch {
    // A file that cannot be opened is adopted all the same: whoever finishes it says what is wrong.
    return null;
  }
}

import { join } from 'node:path';
import type { Files, FolderEntry } from './ports.ts';
import {
  DELIVERABLES_FOLDER,
  JOURNAL_FILE,
  QUALITY_FILE,
  SEGMENTS_FOLDER,
  THUMBNAILS_FOLDER,
} from './recording-folder.ts';
import type { RecordingModel } from './recording-model.ts';

const ROOMS: readonly string[] = [DELIVERABLES_FOLDER, SEGMENTS_FOLDER, THUMBNAILS_FOLDER];

/** What file managers leave in every folder that somebody looks into. */
const LITTER: ReadonlySet<string> = new Set(['.DS_Store', '.directory', 'Thumbs.db', 'desktop.ini']);

/**
 * Something in a recording's folder that the recorder did not make, as a path in it; null when there is none. Somebody may keep
 * a cut version beside the files: such a folder never leaves by itself.
 */
export async function findStrange(files: Files, model: RecordingModel, folder: string): Promise<string | null> {
  const own = new Set([
    ...model.tracks.flatMap(({ segments }) => segments.flatMap(({ file }) => file?.path ?? [])),
    ...model.deliverables.map(({ file }) => file),
    ...(model.thumbnails ?? []),
  ]);
  for (const entry of await files.list(folder)) {
    if (!isOwnEntry(entry)) return entry.name;
  }
  for (const room of ROOMS) {
    for (const entry of await files.list(join(folder, room))) {
      const path = `${room}/${entry.name}`;
      const isOwn = entry.kind === 'file' && (own.has(path) || isPartial(entry) || isLitter(entry));
      if (!isOwn) return path;
    }
  }
  return null;
}

/** Whether an entry of a recording's folder has a name that the recorder gives there. */
export function isOwnEntry(entry: FolderEntry): boolean {
  return entry.kind === 'folder' ? ROOMS.includes(entry.name) : isJournal(entry) || isSeries(entry) || isLitter(entry);
}

/** The journal, and what mending it puts aside. */
function isJournal({ name, kind }: FolderEntry): boolean {
  return kind === 'file' && (name === JOURNAL_FILE || /^journal\.(damaged-\d+|replacement)$/.test(name));
}

function isSeries({ name, kind }: FolderEntry): boolean {
  return kind === 'file' && name === QUALITY_FILE;
}

function isLitter({ name, kind }: FolderEntry): boolean {
  return kind === 'file' && LITTER.has(name);
}

/** A result that a program was killed in (main/media/publish.ts). */
function isPartial({ name }: FolderEntry): boolean {
  return /^\..+\.partial$/.test(name);
}

import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { Adapter } from 'lowdb';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { recordingSchema } from '../../contract/recording.ts';
import type { Files, Ids } from '../recording/ports.ts';

/** Version of the file's shape; any other is rebuilt from the journals, a later one is left as it is. */
export const LIBRARY_SCHEMA = 1;

// 10,000 recordings take about 16 MB (FACTS.md); far above that it is not ours.
const MAX_LIBRARY_BYTES = 256 * 1024 * 1024;

const rowSchema = z.object({
  recording: recordingSchema,
  /** Length of the journal that this row was folded from: another length means that the row is old. */
  journalBytes: z.number(),
});
export type LibraryRow = z.infer<typeof rowSchema>;

const librarySchema = z.object({
  schema: z.literal(LIBRARY_SCHEMA),
  /** Rows by recordings folder. A row that does not parse is dropped: its journal brings it back. */
  folders: z.record(
    z.string(),
    z.array(z.unknown()).transform((rows) =>
      rows.flatMap((row) => {
        const parsed = parseUntrusted(rowSchema, row);
        return parsed.success ? [parsed.data] : [];
      }),
    ),
  ),
});
export type LibraryData = z.infer<typeof librarySchema>;

/** What was found where the index should be. */
export type LibraryState = 'missing' | 'loaded' | 'loadedPrevious' | 'damaged' | 'newer';

/**
 * lowdb's place of storage: written to a name of its own, synced, renamed, and the folder synced; the last good copy stays
 * beside it. lowdb's own adapter renames without fsync and uses one fixed temporary name.
 */
export function createLibraryFile(
  files: Files,
  ids: Ids,
  path: string,
): Adapter<LibraryData> & { state: () => LibraryState } {
  const previous = `${path}.previous`;
  let state: LibraryState = 'missing';

  return {
    state: () => state,
    read: async () => {
      const current = await readOne(files, path);
      if (current.kind === 'good') {
        state = 'loaded';
        return current.data;
      }
      if (current.kind === 'newer') {
        state = 'newer';
        return null;
      }
      const before = await readOne(files, previous);
      if (before.kind === 'good') {
        state = 'loadedPrevious';
        return before.data;
      }
      state = current.kind === 'missing' && before.kind === 'missing' ? 'missing' : 'damaged';
      return null;
    },
    write: async (data) => {
      // A later version of the app knows more: what this one learned is in the journals anyway.
      if (state === 'newer') return;
      await files.makeFolder(dirname(path));
      const temporary = join(dirname(path), `.${basename(path)}.${ids.next()}.partial`);
      try {
        const file = await files.create(temporary);
        try {
          await file.write(Buffer.from(JSON.stringify(data)), 0);
          await file.sync();
        } finally {
          await file.close();
        }
        // Only a copy that could be read is worth keeping as the previous one.
        if (state === 'loaded') await files.rename(path, previous);
        await files.rename(temporary, path);
      } catch (error) {
        await files.unlink(temporary);
        throw error;
      }
      state = 'loaded';
      await files.syncFolder(dirname(path));
    },
  };
}

type Reading = { kind: 'missing' } | { kind: 'bad' } | { kind: 'newer' } | { kind: 'good'; data: LibraryData };

async function readOne(files: Files, path: string): Promise<Reading> {
  const sizeBytes = await files.sizeBytes(path);
  if (sizeBytes === null) return { kind: 'missing' };
  if (sizeBytes > MAX_LIBRARY_BYTES) return { kind: 'bad' };
  try {
    const file = await files.open(path);
    try {
      const value: unknown = JSON.parse(Buffer.from(await file.read(0, sizeBytes)).toString('utf8'));
      const parsed = parseUntrusted(librarySchema, value);
      if (parsed.success) return { kind: 'good', data: parsed.data };
      return { kind: isNewer(value) ? 'newer' : 'bad' };
    } finally {
      await file.close();
    }
  } catch {
    // Unreadable in whatever way: the journals have it all.
    return { kind: 'bad' };
  }
}

function isNewer(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'schema' in value &&
    typeof value.schema === 'number' &&
    value.schema > LIBRARY_SCHEMA
  );
}

import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { Files, Ids } from '../recording/ports.ts';
import type { ClockMemory } from './clock-guard.ts';
import type { Notice } from './leaving.ts';

/** What retention has to remember between runs of the app. */
export type RetentionState = {
  clock: ClockMemory;
  notices: ReadonlyMap<RecordingId, Notice>;
  approved: ReadonlySet<RecordingId>;
  /** Entries of the bin and when they were seen there first, in believed time. */
  binSeen: ReadonlyMap<string, number>;
};

/** Version of the file; any other is nobody's memory, which is a first start. */
const SCHEMA = 1;
// Ten thousand notices and entries take 2 MB; far above that it is not ours.
const MAX_BYTES = 16 * 1024 * 1024;

const timeMs = z.number().min(0).max(8.64e15);
const stateSchema = z.object({
  schema: z.literal(SCHEMA),
  lastSeenWallMs: timeMs,
  believedMs: timeMs,
  notices: z.array(z.object({ id: recordingIdSchema, givenBelievedMs: timeMs, seen: z.boolean() })),
  approved: z.array(recordingIdSchema),
  bin: z.array(z.object({ entry: z.string().max(200), seenBelievedMs: timeMs })),
});

/** Reads the file; null when it is missing, damaged or not ours: then nothing is remembered. */
export async function readRetentionState(files: Files, path: string): Promise<RetentionState | null> {
  try {
    const sizeBytes = await files.sizeBytes(path);
    if (sizeBytes === null || sizeBytes > MAX_BYTES) return null;
    const file = await files.open(path);
    try {
      const text = Buffer.from(await file.read(0, sizeBytes)).toString('utf8');
      const { lastSeenWallMs, believedMs, ...said } = stateSchema.parse(JSON.parse(text));
      return {
        clock: { lastSeenWallMs, believedMs },
        notices: new Map(said.notices.map(({ id, ...notice }) => [id, notice])),
        approved: new Set(said.approved),
        binSeen: new Map(said.bin.map(({ entry, seenBelievedMs }) => [entry, seenBelievedMs])),
      };
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

/** Puts the file in place of the old one: whatever happens, all of one of them is there. */
export async function writeRetentionState(files: Files, ids: Ids, path: string, state: RetentionState): Promise<void> {
  const folder = dirname(path);
  await files.makeFolder(folder);
  const temporary = join(folder, `.${basename(path)}.${ids.next()}.partial`);
  const said: z.infer<typeof stateSchema> = {
    schema: SCHEMA,
    ...state.clock,
    notices: [...state.notices].map(([id, notice]) => ({ id, ...notice })),
    approved: [...state.approved],
    bin: [...state.binSeen].map(([entry, seenBelievedMs]) => ({ entry, seenBelievedMs })),
  };
  try {
    const file = await files.create(temporary);
    try {
      await file.write(Buffer.from(`${JSON.stringify(said)}\n`), 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(temporary, path);
  } catch (error) {
    await files.unlink(temporary).catch(() => undefined);
    throw error;
  }
  await files.syncFolder(folder);
}

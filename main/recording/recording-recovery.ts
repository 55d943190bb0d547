import { join } from 'node:path';
import type { RecordingId } from '../../contract/ids.ts';
import type { Recording, RecordingEvent } from '../../contract/recording.ts';
import type { Library } from '../library/library.ts';
import { aliveMsOf } from './alive.ts';
import { finishDeletions, hasMedia, listBin } from './bin.ts';
import { mayChange } from './folder-lock.ts';
import type { FolderLocks } from './folder-lock.ts';
import { bringStraysHome, finishMediaMove } from './media-moves.ts';
import type { Clock, Files, Ids, MediaJobs } from './ports.ts';
import { DELIVERABLES_FOLDER, JOURNAL_FILE, SEGMENTS_FOLDER, THUMBNAILS_FOLDER } from './recording-folder.ts';
import type { RecordingSession } from './recording-session.ts';
import { readShelf } from './recording-shelf.ts';
import type { RecoveryReport } from './recordings.ts';
import type { SessionTable } from './session-table.ts';

export type RecoveryContext = {
  files: Files;
  ids: Ids;
  clock: Clock;
  jobs: Pick<MediaJobs, 'endOrphans' | 'sweepPartials'>;
  library: Library;
  /** Null where nobody else can be at work. */
  locks: FolderLocks | null;
  table: SessionTable;
  emit: (event: RecordingEvent) => void;
};

/**
 * Finds what was interrupted in these recordings folders and saves it: the list is there when it resolves, saving goes on behind
 * it, once `beginSaving` has resolved. In a folder that another instance of the app works in nothing is touched.
 */
export async function recoverRecordings(
  context: RecoveryContext,
  roots: Iterable<string>,
  beginSaving: Promise<unknown> = Promise.resolve(),
): Promise<RecoveryReport> {
  const { library, locks, table } = context;
  const shelves: RecoveryReport['shelves'] = [];
  const ours: string[] = [];
  for (const root of new Set(roots)) {
    const lock = (await locks?.hold(root)) ?? 'held';
    if (mayChange(lock)) {
      ours.push(root);
      await bringStraysHome(context.files, library, root).catch(() => undefined);
    }
    const report = await readShelf(context, root, { mayChange: mayChange(lock), isTaken: (id) => table.has(id) });
    shelves.push({ root, lock, ...report });
  }
  const unfinished = ours.flatMap((root) => library.rows(root)).map((row) => row.recording);
  const found: RecordingSession[] = [];
  for (const recording of unfinished.filter(isUnfinished)) {
    const session = await findInterrupted(context, recording);
    if (session !== null) found.push(session);
  }
  return {
    interrupted: found.map((session) => session.ledger.model().id),
    shelves,
    finished: beginSaving.then(() => saveAll(context, ours, found, frayedIn(shelves))),
  };
}

function frayedIn(shelves: RecoveryReport['shelves']): RecordingId[] {
  return shelves.filter(({ lock }) => mayChange(lock)).flatMap(({ frayed }) => frayed);
}

/** Whether a recording has no end yet. */
export function isUnfinished({ status }: Pick<Recording, 'status'>): boolean {
  return status !== 'completed' && status !== 'failed';
}

async function findInterrupted({ table, files }: RecoveryContext, recording: Recording) {
  if (table.has(recording.id)) return null;
  try {
    // Before the journal is opened, which may mend its end.
    const lastWriteWallMs = await lastWriteIn(files, recording.folder);
    const ledger = await table.borrow(recording.id);
    const session = table.run(ledger, null, aliveMsOf(ledger.model(), lastWriteWallMs));
    session.dispatch({ kind: 'foundUnfinished' });
    await ledger.sync();
    return session;
  } catch {
    // Its journal is of a later version or not to be opened: it stays in the list as it is.
    return null;
  }
}

/** When anything of a recording was written last, milliseconds since 1970. */
async function lastWriteIn(files: Files, folder: string): Promise<number | null> {
  const segments = join(folder, SEGMENTS_FOLDER);
  const paths = [
    join(folder, JOURNAL_FILE),
    ...(await files.list(segments)).filter(({ kind }) => kind === 'file').map(({ name }) => join(segments, name)),
  ];
  let lastMs: number | null = null;
  for (const path of paths) {
    const modifiedMs = await files.modifiedWallMs(path);
    if (modifiedMs !== null) lastMs = Math.max(lastMs ?? modifiedMs, modifiedMs);
  }
  return lastMs;
}

async function saveAll(
  context: RecoveryContext,
  roots: readonly string[],
  sessions: readonly RecordingSession[],
  frayed: readonly RecordingId[],
): Promise<void> {
  const { jobs, table } = context;
  for (const root of roots) await finishBin(context, root).catch(() => undefined);
  // One after the other: saving is disk work, and a call may be running beside it.
  for (const session of sessions) {
    const { folder } = session.ledger;
    // A program of the last run could still write into what is made now.
    await jobs.endOrphans(session.ledger.model().processes);
    for (const results of [DELIVERABLES_FOLDER, THUMBNAILS_FOLDER]) {
      await jobs.sweepPartials(join(folder, results)).catch(() => 0);
    }
    session.dispatch({ kind: 'recoveryStarted' });
    await session.settled;
  }
  // Opening a journal mends its end; what was cut off stays beside it.
  for (const id of frayed) await table.borrowed(id, async (ledger) => table.putRow(ledger)).catch(() => undefined);
}

/** Goes on with what the last run did to the bin: deletions for good, and media on their way in or out. */
async function finishBin({ files, library, table, emit }: RecoveryContext, root: string): Promise<void> {
  await finishDeletions(files, root);
  const entries = await listBin(files, root);
  const inBin = new Set(entries.flatMap(({ kind, recordingId }) => (kind === 'media' ? [recordingId] : [])));
  for (const { recording } of library.rows(root)) {
    if (recording.mediaLeftAt === null) continue;
    const { id } = recording;
    // Of all that ever left only these few can be on their way.
    if (!inBin.has(id) && !(await hasMedia(files, join(root, id)))) continue;
    const move = table.alone(id, (withLedger) =>
      withLedger(async (ledger) => {
        await finishMediaMove(files, root, ledger);
        table.putRow(ledger);
        emit({ type: 'recordingChanged', recording: ledger.recording() });
      }),
    );
    await move.catch(() => undefined);
  }
  if (entries.length === 0) library.forget(root);
}

import type { Recording } from '../../contract/recording.ts';
import type { Library } from '../library/library.ts';
import type { Files } from './ports.ts';
import type { RecordingSession } from './recording-session.ts';
import { readShelf } from './recording-shelf.ts';
import type { RecoveryReport } from './recordings.ts';
import { emptyBin } from './retention.ts';
import type { SessionTable } from './session-table.ts';

export type RecoveryContext = { files: Files; library: Library; table: SessionTable; recordingsFolder: () => string };

/** Finds what was interrupted and saves it: the list is there when it resolves, saving goes on behind it. */
export async function recoverRecordings(context: RecoveryContext): Promise<RecoveryReport> {
  const { files, library } = context;
  await library.load();
  const shelves: RecoveryReport['shelves'] = [];
  for (const root of new Set([context.recordingsFolder(), ...library.roots()])) {
    shelves.push({ root, ...(await readShelf(files, library, root)) });
    await emptyBin(files, root).catch(() => 0);
  }
  const unfinished = library.list().filter((each) => each.status !== 'completed' && each.status !== 'failed');
  const found: RecordingSession[] = [];
  for (const recording of unfinished) {
    const session = await findInterrupted(context, recording);
    if (session !== null) found.push(session);
  }
  const finished = (async () => {
    // One after the other: saving is disk work, and a call may be running beside it.
    for (const session of found) {
      session.dispatch({ kind: 'recoveryStarted' });
      await session.settled;
    }
  })();
  return { interrupted: found.map((session) => session.ledger.model().id), shelves, finished };
}

async function findInterrupted({ table }: RecoveryContext, recording: Recording): Promise<RecordingSession | null> {
  if (table.has(recording.id)) return null;
  try {
    const ledger = await table.borrow(recording.id);
    const session = table.run(ledger, null);
    session.dispatch({ kind: 'foundUnfinished' });
    await ledger.sync();
    return session;
  } catch {
    // Its journal is of a later version or not to be opened: it stays in the list as it is.
    return null;
  }
}

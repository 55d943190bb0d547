import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { Recording, RecordingEvent } from '../../contract/recording.ts';
import type { Library } from '../library/library.ts';
import { listBin, moveIntoBin, moveOutOfBin, nameForMedia, removeFromBin, treeBytes } from './bin.ts';
import type { BinnedFolder } from './bin.ts';
import { deletionRefusal } from './deletion-refusal.ts';
import { diskError } from './disk-error.ts';
import { toRecording } from './fold.ts';
import type { FolderClaims } from './folder-claims.ts';
import { foldJournal } from './journal.ts';
import { leaveMedia, returnMedia } from './media-moves.ts';
import type { Clock, Files } from './ports.ts';
import type { RecordingModel } from './recording-model.ts';
import type { SessionTable, WithLedger } from './session-table.ts';
import { findStrange } from './strange-files.ts';
import { whyNotVerified } from './verified-copies.ts';

/** Something in the bin. */
export type Binned = {
  /** Name of the entry inside its bin. */
  id: string;
  recordingId: RecordingId;
  kind: 'recording' | 'media';
  title: string;
  participantNames: readonly string[];
  startedAt: string;
  sizeBytes: number;
  binnedWallMs: number;
};

/** Says in words why a recording must stay, asked of what its journal says at the last instant; null when it may go. */
export type StayReason = (recording: Recording) => string | null;

/** The bins of all recordings folders. Whatever is refused is refused with an AppError in words, and nothing was changed. */
export type RecordingBin = {
  /** What lies in them, the newest first. */
  entries: () => Promise<Binned[]>;
  /** A person deletes a recording: all of it goes into the bin, with its media if these are there already. */
  putByHand: (recordingId: RecordingId) => Promise<void>;
  /** A recording goes into the bin by itself. */
  putRecording: (recordingId: RecordingId, staysBecause: StayReason) => Promise<void>;
  /** The media of a recording whose every file is verified in the bucket go into the bin by themselves. */
  putMedia: (recordingId: RecordingId, staysBecause: StayReason) => Promise<void>;
  /** Back to where it was. */
  restore: (entry: string) => Promise<Recording>;
  /** For good. What goes by itself must still not be the last copy of anything. */
  remove: (entry: string, by: 'hand' | 'itself') => Promise<void>;
};

export type RecordingBinOptions = {
  files: Files;
  clock: Clock;
  library: Library;
  table: SessionTable;
  claims: FolderClaims;
  recordingsFolder: () => string;
  emit: (event: RecordingEvent) => void;
  /** Chapters that came too late for files in the bin. */
  refreshChapters: (recordingId: RecordingId) => void;
};

/** Makes the bin of a service. */
export function createRecordingBin(options: RecordingBinOptions): RecordingBin {
  const { files, clock, library, table, claims, emit } = options;
  /** What an entry holds does not change as long as it lies there. */
  const known = new Map<string, Omit<Binned, 'id'> | null>();
  let working: Promise<unknown> = Promise.resolve();

  /** One move after the other: none may come upon another's half. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = working.then(async () => {
      try {
        return await work();
      } catch (error) {
        throw diskError(error, 'it cannot be moved');
      }
    });
    working = done.catch(() => undefined);
    return done;
  };

  const roots = (): string[] => [...new Set([...library.roots(), options.recordingsFolder()])];

  /** The one folder that a recording is in, from where the library has it and never from what a row says. */
  const rootOf = (recordingId: RecordingId): string => {
    const [root, ...others] = library
      .roots()
      .filter((each) => library.rows(each).some(({ recording }) => recording.id === recordingId));
    if (root === undefined) throw new AppError('RECORDING_NOT_FOUND', 'There is no such recording.');
    if (others.length > 0)
      throw new AppError('CONFLICT', 'There are two recordings of this name, so both were left alone.');
    return root;
  };

  const find = async (name: string): Promise<{ root: string; entry: BinnedFolder }> => {
    for (const root of roots()) {
      const entry = (await listBin(files, root)).find((each) => each.name === name);
      if (entry !== undefined) return { root, entry };
    }
    throw new AppError('NOT_FOUND', 'It is not in the bin any more.');
  };

  const describe = async (root: string, entry: BinnedFolder): Promise<Binned | null> => {
    const { recordingId, binnedWallMs, kind, name } = entry;
    if (kind === 'recording') {
      if (!known.has(entry.path)) known.set(entry.path, await describeRecording(files, entry));
      const found = known.get(entry.path) ?? null;
      return found === null ? null : { ...found, id: name };
    }
    const row = library.rows(root).find(({ recording }) => recording.id === recordingId)?.recording;
    const sizeBytes = known.get(entry.path)?.sizeBytes ?? (await treeBytes(files, entry.path));
    const described = {
      recordingId,
      kind,
      title: row?.title ?? 'Files of a recording that is not here any more',
      participantNames: row?.participantNames ?? [],
      startedAt: row?.startedAt ?? new Date(binnedWallMs).toISOString(),
      sizeBytes,
      binnedWallMs,
    };
    known.set(entry.path, described);
    return { ...described, id: name };
  };

  const gone = (recordingId: RecordingId): void => {
    library.remove(recordingId);
    emit({ type: 'recordingDeleted', recordingId });
  };

  /** Brings media home that lie in the bin, so that a deletion has all of the recording in one entry. */
  const gather = async (root: string, recordingId: RecordingId, withLedger: WithLedger): Promise<void> => {
    const entries = await listBin(files, root);
    const media = entries.find((each) => each.kind === 'media' && each.recordingId === recordingId);
    if (media !== undefined) await withLedger((ledger) => returnMedia(files, root, ledger, media.name));
  };

  return {
    entries: async () => {
      const all: Binned[] = [];
      const paths = new Set<string>();
      for (const root of roots()) {
        try {
          for (const entry of await listBin(files, root)) {
            paths.add(entry.path);
            const described = await describe(root, entry);
            if (described !== null) all.push(described);
          }
        } catch {
          // A drive that is away, or may not be read: its bin is not shown, and stays.
        }
      }
      for (const path of known.keys()) if (!paths.has(path)) known.delete(path);
      return all.sort((a, b) => b.binnedWallMs - a.binnedWallMs);
    },

    putByHand: (recordingId) =>
      inTurn(async () => {
        await claims.claimOf(recordingId);
        const root = rootOf(recordingId);
        await table.alone(recordingId, async (withLedger) => {
          const folder = join(root, recordingId);
          if ((await files.kind(folder)) === null && (await files.kind(root)) !== null) {
            gone(recordingId);
            return;
          }
          await gather(root, recordingId, withLedger);
          await moveIntoBin(files, root, recordingId, clock.wallMs());
          gone(recordingId);
        });
      }),

    putRecording: (recordingId, staysBecause) =>
      inTurn(async () => {
        await claims.claimOf(recordingId);
        const root = rootOf(recordingId);
        await table.alone(recordingId, async (withLedger) => {
          await withLedger(async (ledger) => {
            const recording = ledger.recording();
            refuse(deletionRefusal(recording) ?? staysBecause(recording));
            refuse(await strangeWords(files, ledger.model(), ledger.folder));
          });
          await moveIntoBin(files, root, recordingId, clock.wallMs());
          gone(recordingId);
        });
      }),

    putMedia: (recordingId, staysBecause) =>
      inTurn(async () => {
        await claims.claimOf(recordingId);
        const root = rootOf(recordingId);
        await table.alone(recordingId, (withLedger) =>
          withLedger(async (ledger) => {
            const recording = ledger.recording();
            refuse(deletionRefusal(recording) ?? staysBecause(recording));
            if (ledger.model().media.kind !== 'here') refuse('Its files have left this computer already.');
            refuse(await strangeWords(files, ledger.model(), ledger.folder));
            refuse(await whyNotVerified(files, ledger.model(), ledger.folder));
            const nowWallMs = clock.wallMs();
            const name = await nameForMedia(files, root, recordingId, nowWallMs);
            try {
              await leaveMedia(files, root, ledger, name, new Date(nowWallMs).toISOString());
            } finally {
              // Also when it was cut off in the middle: then the next start goes on with it.
              table.putRow(ledger);
              emit({ type: 'recordingChanged', recording: ledger.recording() });
            }
          }),
        );
      }),

    restore: (name) =>
      inTurn(async () => {
        const { root, entry } = await find(name);
        const { recordingId } = entry;
        await claims.claim(root);
        if (entry.kind === 'recording') {
          if (library.find(recordingId) !== null) {
            throw new AppError('CONFLICT', 'This recording is in the library already, so it stays in the bin.');
          }
          const folded = await foldJournal(files, entry.path, recordingId);
          if (folded?.model == null)
            throw new AppError('CONFLICT', 'Its journal cannot be read, so it stays in the bin.');
          await moveOutOfBin(files, root, entry);
          const recording = toRecording(folded.model, join(root, recordingId), { progress: null, elapsedMs: null });
          library.put(root, { recording, journalBytes: folded.validBytes });
          emit({ type: 'recordingChanged', recording });
        } else {
          if (rootOf(recordingId) !== root) refuse('Its recording is in another folder now, so it stays in the bin.');
          await table.alone(recordingId, (withLedger) =>
            withLedger(async (ledger) => {
              try {
                await returnMedia(files, root, ledger, name);
              } finally {
                table.putRow(ledger);
                emit({ type: 'recordingChanged', recording: ledger.recording() });
              }
            }),
          );
        }
        options.refreshChapters(recordingId);
        return table.get(recordingId);
      }),

    remove: (name, by) =>
      inTurn(async () => {
        const { root, entry } = await find(name);
        const { recordingId } = entry;
        await claims.claim(root);
        if (entry.kind === 'recording') {
          // What lies there may have been put there by somebody else under one of our names.
          if ((await describe(root, entry)) === null) refuse('It is no recording, so it was left alone.');
          await removeFromBin(files, root, name);
          return;
        }
        if (by === 'itself') refuse(await lastCopyWords(files, root, entry));
        const isListed = library.rows(root).some(({ recording }) => recording.id === recordingId);
        if (isListed) await table.alone(recordingId, () => removeFromBin(files, root, name));
        else await removeFromBin(files, root, name);
      }),
  };
}

function refuse(words: string | null): void {
  if (words !== null) throw new AppError('CONFLICT', words);
}

async function strangeWords(files: Files, model: RecordingModel, folder: string): Promise<string | null> {
  const strange = await findStrange(files, model, folder);
  return strange === null
    ? null
    : `There is something in its folder that is not of the recording: ${strange.slice(0, 200)}`;
}

async function describeRecording(files: Files, entry: BinnedFolder): Promise<Omit<Binned, 'id'> | null> {
  const { recordingId, binnedWallMs, kind, path } = entry;
  const folded = await foldJournal(files, path, recordingId).catch(() => null);
  if (folded?.model == null) return null;
  const { title, participantNames, startedAt } = toRecording(folded.model, path, { progress: null, elapsedMs: null });
  return {
    recordingId,
    kind,
    title,
    participantNames,
    startedAt,
    sizeBytes: await treeBytes(files, path),
    binnedWallMs,
  };
}

/** Why media in the bin must stay there although their time is over; null when they may go. */
async function lastCopyWords(files: Files, root: string, entry: BinnedFolder): Promise<string | null> {
  const folder = join(root, entry.recordingId);
  const isFolder = (await files.kind(folder)) === 'folder';
  const model = isFolder ? ((await foldJournal(files, folder, entry.recordingId))?.model ?? null) : null;
  if (model === null || model.media.kind !== 'left' || model.media.bin !== entry.name) {
    return 'Its recording does not say that it left.';
  }
  const recording = toRecording(model, folder, { progress: null, elapsedMs: null });
  if (recording.pinned) return 'You pinned it.';
  return recording.cloud.complete ? null : 'It is the last copy: not all of it is in your bucket any more.';
}

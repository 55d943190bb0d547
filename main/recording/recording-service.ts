import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { recordingIdSchema } from '../../contract/ids.ts';
import type { RecordingId, TrackId } from '../../contract/ids.ts';
import type { Deliverable, Recording, RecordingEvent } from '../../contract/recording.ts';
import { capturePlanFor } from './capture-plan.ts';
import { diskError } from './disk-error.ts';
import { exportTrackMp4 } from './finalise.ts';
import { foldRecords, startedModel } from './fold.ts';
import { continueJournal, createJournal } from './journal.ts';
import { JOURNAL_VERSION } from './journal-records.ts';
import { createLedgerPool } from './ledger-pool.ts';
import type { LiveCapture } from './live-capture.ts';
import type { RecorderEvent } from './recorder.ts';
import { createSession, stateOfRecording } from './recording-session.ts';
import type { RecordingSession } from './recording-session.ts';
import { readShelf } from './recording-shelf.ts';
import { CLOSE_GRACE_MS } from './limits.ts';
import { createLedger } from './recording-ledger.ts';
import type { Ledger } from './recording-ledger.ts';
import { DELIVERABLES_FOLDER, SEGMENTS_FOLDER } from './recording-folder.ts';
import type { CleanUpReport, Recordings, RecordingsConfig, RecordingsPorts, RecoveryReport } from './recordings.ts';
import { cleanUpRefusal, deleteFolder, deletionRefusal, emptyBin } from './retention.ts';

export type { Recordings } from './recordings.ts';

/** Builds the service over its ports. */
export function createRecordings(ports: RecordingsPorts, config: RecordingsConfig): Recordings {
  const { files, library, clock, ids, scheduler } = ports;
  const sessions = new Map<RecordingId, RecordingSession>();
  const listeners = new Set<(event: RecordingEvent) => void>();
  const pool = createLedgerPool(openLedger);
  /** Ends of sessions: only then a recording is nobody's any more. */
  const releasing = new Map<RecordingId, Promise<void>>();
  const exporting = new AbortController();
  const counts = { chunksAcknowledged: 0, chunksRefused: 0, bytesAcknowledged: 0 };
  let starting = false;
  let closed = false;

  const emit = (event: RecordingEvent): void => {
    for (const listener of listeners) listener(event);
  };

  async function openLedger(recordingId: RecordingId): Promise<Ledger> {
    const { folder } = rowOf(recordingId);
    const { journal, reading } = await continueJournal(files, folder);
    const model = foldRecords(reading.records);
    if (model === null) {
      await journal.close();
      throw new AppError('RECORDING_NOT_FOUND', 'The journal of this recording does not begin with its start.');
    }
    return createLedger({ journal, folder, model, elapsedMs: () => model.elapsedMs ?? 0 });
  }

  function rowOf(recordingId: RecordingId): Recording {
    const found = library.find(recordingId);
    if (found === null) throw new AppError('RECORDING_NOT_FOUND', 'There is no such recording.');
    return found.row.recording;
  }

  const putRow = (ledger: Ledger, recording: Recording): void => {
    const root = library.find(recording.id)?.root ?? config.recordingsFolder();
    library.put(root, { recording: { ...recording, progress: null }, journalBytes: ledger.journalBytes() });
  };

  const running = (): RecordingSession | null => {
    for (const session of sessions.values()) {
      const { kind } = session.state();
      if (kind === 'recording' || kind === 'stopping') return session;
    }
    return null;
  };

  const captureOf = (recordingId: RecordingId): LiveCapture => {
    const session = sessions.get(recordingId);
    const kind = session?.state().kind;
    if (session === undefined || session.capture === null || (kind !== 'recording' && kind !== 'stopping')) {
      if (session === undefined) rowOf(recordingId);
      throw new AppError('RECORDING_NOT_RUNNING', 'This recording is not running.');
    }
    return session.capture;
  };

  /** Puts a session to work; its ledger is already borrowed and is given back when it has settled. */
  const runSession = (ledger: Ledger, recording: Recording, zeroMs: number | null): RecordingSession => {
    const session = createSession({
      ports,
      ledger,
      state: stateOfRecording(recording),
      zeroMs,
      writingApp: config.writingApp,
      emit,
      onChanged: (changed) => putRow(ledger, changed),
    });
    sessions.set(recording.id, session);
    const released = releaseWhenSettled(recording.id, session);
    releasing.set(recording.id, released);
    return session;
  };

  const releaseWhenSettled = async (recordingId: RecordingId, session: RecordingSession): Promise<void> => {
    await session.settled;
    if (sessions.get(recordingId) === session) sessions.delete(recordingId);
    putRow(session.ledger, session.ledger.recording());
    await pool.giveBack(recordingId);
  };

  const makeFolder = async (root: string, id: RecordingId): Promise<string> => {
    const folder = join(root, id);
    try {
      await files.makeFolder(join(folder, SEGMENTS_FOLDER));
      // The MP4 of the mix grows here from the first bytes on.
      await files.makeFolder(join(folder, DELIVERABLES_FOLDER));
      return folder;
    } catch (cause) {
      throw new AppError('FOLDER_UNWRITABLE', `Recordings cannot be written to ${root}.`, {
        retryable: true,
        details: { path: root },
        cause,
      });
    }
  };

  const start: Recordings['start'] = async ({ callId, title, recordedBy, format }) => {
    if (closed) throw new AppError('CONFLICT', 'The app is closing.');
    if (starting || running() !== null) {
      throw new AppError('RECORDING_RUNNING', 'Another recording is running.');
    }
    starting = true;
    try {
      const root = config.recordingsFolder();
      const id = recordingIdSchema.parse(ids.next());
      const folder = await makeFolder(root, id);
      const zeroMs = clock.monotonicMs();
      const record = {
        kind: 'started' as const,
        version: JOURNAL_VERSION as typeof JOURNAL_VERSION,
        recordingId: id,
        callId,
        title: title.slice(0, 200),
        recordedBy: recordedBy.slice(0, 200),
        format,
        startedAt: new Date(clock.wallMs()).toISOString(),
      };
      const ledger = await beginLedger(root, folder, record, zeroMs);
      pool.adopt(id, ledger);
      const recording = ledger.recording();
      runSession(ledger, recording, zeroMs);
      library.put(root, { recording, journalBytes: ledger.journalBytes() });
      emit({ type: 'recordingStarted', recording });
      return recording;
    } finally {
      starting = false;
    }
  };

  const beginLedger = async (
    root: string,
    folder: string,
    record: Parameters<typeof startedModel>[0],
    zeroMs: number,
  ): Promise<Ledger> => {
    try {
      const journal = await createJournal(files, folder);
      await journal.append(record);
      await journal.sync();
      const elapsedMs = (): number => clock.monotonicMs() - zeroMs;
      return createLedger({ journal, folder, model: startedModel(record), elapsedMs });
    } catch (cause) {
      const error = diskError(cause, `a recording cannot be begun in ${root}`);
      if (error.code === 'DISK_FULL') throw error;
      throw new AppError('FOLDER_UNWRITABLE', `Recordings cannot be written to ${root}.`, {
        retryable: true,
        details: { path: root },
        cause,
      });
    }
  };

  const borrowed = async <T>(recordingId: RecordingId, work: (ledger: Ledger) => Promise<T>): Promise<T> => {
    rowOf(recordingId);
    const ledger = await pool.borrow(recordingId);
    try {
      return await work(ledger);
    } finally {
      await pool.giveBack(recordingId);
    }
  };

  const get: Recordings['get'] = ({ recordingId }) =>
    sessions.get(recordingId)?.ledger.recording() ?? rowOf(recordingId);

  const recover: Recordings['recover'] = async () => {
    await library.load();
    const shelves: RecoveryReport['shelves'] = [];
    for (const root of new Set([config.recordingsFolder(), ...library.roots()])) {
      shelves.push({ root, ...(await readShelf(files, library, root)) });
      await emptyBin(files, root).catch(() => 0);
    }
    const unfinished = library.list().filter((each) => each.status !== 'completed' && each.status !== 'failed');
    const found: RecordingSession[] = [];
    for (const recording of unfinished) {
      const session = await findInterrupted(recording);
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
  };

  const findInterrupted = async (recording: Recording): Promise<RecordingSession | null> => {
    if (sessions.has(recording.id)) return null;
    try {
      const ledger = await pool.borrow(recording.id);
      const session = runSession(ledger, ledger.recording(), null);
      session.dispatch({ kind: 'foundUnfinished' });
      await ledger.sync();
      return session;
    } catch {
      // Its journal is of a later version or not to be opened: it stays in the list as it is.
      return null;
    }
  };

  return {
    start,
    attach: async ({ recordingId, clockMs }) => {
      const capture = captureOf(recordingId);
      const session = sessions.get(recordingId);
      const zeroClockMs = clockMs - (session?.elapsedMs() ?? 0);
      const plan = capturePlanFor(get({ recordingId }).format, config.captureSettings());
      await capture.closeAll('crashed');
      return { zeroClockMs, plan };
    },
    openTrack: async ({ recordingId, ...source }) => ({ trackId: await captureOf(recordingId).openTrack(source) }),
    openSegment: async ({ recordingId, trackId, lanes, atMs }) => ({
      segment: await captureOf(recordingId).openSegment(trackId, lanes, atMs),
    }),
    append: async (chunk) => {
      try {
        const ack = await captureOf(chunk.recordingId).append(chunk);
        counts.chunksAcknowledged += 1;
        counts.bytesAcknowledged += chunk.bytes.byteLength;
        return ack;
      } catch (error) {
        counts.chunksRefused += 1;
        throw error;
      }
    },
    expect: ({ recordingId, trackId, lane, expecting }) => captureOf(recordingId).expect(trackId, lane, expecting),
    closeSegment: ({ recordingId, trackId, segment, reason }) =>
      captureOf(recordingId).closeSegment(trackId, segment, reason),
    stop: async ({ recordingId }) => {
      const session = sessions.get(recordingId);
      if (session === undefined) {
        rowOf(recordingId);
        throw new AppError('RECORDING_NOT_RUNNING', 'This recording is not running.');
      }
      session.dispatch({ kind: 'stopRequested' });
      await session.ledger.sync();
      return get({ recordingId });
    },
    get,
    list: () => library.list().map((recording) => sessions.get(recording.id)?.ledger.recording() ?? recording),
    rename: ({ recordingId, title }) =>
      borrowed(recordingId, async (ledger) => {
        await ledger.record({ kind: 'renamed', title: title.slice(0, 200) });
        await ledger.sync();
        const recording = ledger.recording();
        putRow(ledger, recording);
        emit({ type: 'recordingChanged', recording });
        return recording;
      }),
    delete: async ({ recordingId }) => {
      const refusal = deletionRefusal(get({ recordingId }));
      if (refusal !== null) throw new AppError('RECORDING_BUSY', refusal, { retryable: true });
      await remove(recordingId);
    },
    exportTrack: ({ recordingId, trackId, signal }) => {
      const { status } = get({ recordingId });
      if (status !== 'completed' && status !== 'failed') {
        throw new AppError('RECORDING_BUSY', 'It is still being saved.', { retryable: true });
      }
      return borrowed(recordingId, (ledger) => exportOne(ledger, trackId, signal));
    },
    retry: async ({ recordingId }) => {
      const { status } = get({ recordingId });
      if (status !== 'failed') throw new AppError('CONFLICT', 'Only a recording that failed can be tried again.');
      const ledger = await pool.borrow(recordingId);
      const session = runSession(ledger, ledger.recording(), null);
      // On a full disk the end itself could not be journaled: then it is an interrupted recording like any other.
      session.dispatch({ kind: 'foundUnfinished' });
      await ledger.keep({ kind: 'processing' });
      emit({ type: 'recordingProcessing', recording: ledger.recording() });
      session.dispatch({ kind: 'retryRequested' });
      return ledger.recording();
    },
    cleanUp: async ({ maxAgeMs }) => {
      const report: CleanUpReport = { deleted: [], refused: [], freedBytes: 0 };
      const nowMs = clock.wallMs();
      for (const recording of library.list()) {
        const endedMs = Date.parse(recording.endedAt ?? recording.startedAt);
        if (nowMs - endedMs <= maxAgeMs) continue;
        const reason = cleanUpRefusal(get({ recordingId: recording.id }));
        try {
          if (reason !== null) throw new AppError('RECORDING_BUSY', reason);
          await remove(recording.id);
          report.deleted.push(recording.id);
          report.freedBytes += recording.sizeBytes;
        } catch (error) {
          const message = error instanceof AppError ? error.message : diskError(error, 'it cannot be deleted').message;
          report.refused.push({ recordingId: recording.id, reason: message });
        }
      }
      return report;
    },
    stats: () => {
      const recordings = library.list();
      const states = [...sessions.values()].map((session) => session.state().kind);
      return {
        recordings: recordings.length,
        sizeBytes: recordings.reduce((sum, recording) => sum + recording.sizeBytes, 0),
        running: states.filter((kind) => kind === 'recording' || kind === 'stopping').length,
        processing: states.filter((kind) => kind === 'processing' || kind === 'interrupted').length,
        ...counts,
      };
    },
    callRecording: () => {
      const session = running();
      if (session === null) return null;
      const { id, recordedBy } = session.ledger.model();
      const state = session.state().kind === 'stopping' ? 'stopping' : 'recording';
      return { recordingId: id, state, health: session.health(), elapsedMs: session.elapsedMs(), recordedBy };
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    recover,
    settled: async ({ recordingId }) => {
      await releasing.get(recordingId);
      return get({ recordingId });
    },
    close: async ({ limitMs }) => {
      closed = true;
      exporting.abort();
      const dispatchAll = (event: RecorderEvent): void => {
        for (const session of sessions.values()) session.dispatch(event);
      };
      dispatchAll({ kind: 'stopRequested' });
      // The window may be gone already: half of the time is for its last chunks, half for saving.
      const undo = scheduler.after(limitMs / 2, () => dispatchAll({ kind: 'captureLate' }));
      await within(limitMs, Promise.all(releasing.values()));
      undo();
      for (const session of sessions.values()) session.abort();
      // A disk that hangs must not keep the app from quitting: the journal has no end, so the next launch goes on.
      await within(CLOSE_GRACE_MS, Promise.all(releasing.values()));
      await library.flush();
    },
  };

  async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const undo = scheduler.after(limitMs, resolve);
    await Promise.race([work, late]);
    undo();
  }

  async function remove(recordingId: RecordingId): Promise<void> {
    await releasing.get(recordingId);
    if (pool.isBorrowed(recordingId)) {
      throw new AppError('RECORDING_BUSY', 'Something is still being made of it.', { retryable: true });
    }
    const found = library.find(recordingId);
    if (found === null) return;
    try {
      await deleteFolder(files, ids, found.root, recordingId);
    } catch (error) {
      throw diskError(error, 'the recording cannot be deleted');
    }
    library.remove(recordingId);
    emit({ type: 'recordingDeleted', recordingId });
  }

  async function exportOne(ledger: Ledger, trackId: TrackId, signal: AbortSignal | undefined): Promise<Deliverable> {
    const track = ledger.model().tracks.find((each) => each.id === trackId);
    if (track === undefined) throw new AppError('TRACK_UNKNOWN', 'The recording has no such track.');
    const progress = (type: 'recordingProgress' | 'recordingChanged'): void => {
      emit({ type, recording: ledger.recording() });
    };
    try {
      return await exportTrackMp4(
        {
          ...ports,
          ledger,
          takeLiveMix: () => null,
          signal: signal === undefined ? exporting.signal : AbortSignal.any([signal, exporting.signal]),
          onPlayable: () => undefined,
          onThumbnails: () => undefined,
          onProgress: (value) => {
            ledger.setProgress(value);
            progress('recordingProgress');
          },
        },
        track,
      );
    } finally {
      ledger.setProgress(null);
      putRow(ledger, ledger.recording());
      progress('recordingChanged');
    }
  }
}

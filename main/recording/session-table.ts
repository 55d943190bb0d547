import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { DiskSpace, Recording, RecordingEvent } from '../../contract/recording.ts';
import type { Library } from '../library/library.ts';
import { continueJournal } from './journal.ts';
import { createLedgerPool } from './ledger-pool.ts';
import type { LiveCapture } from './live-capture.ts';
import type { RecordingClock } from './recording-clock.ts';
import { createLedger } from './recording-ledger.ts';
import type { Ledger } from './recording-ledger.ts';
import { missingRecords } from './salvage.ts';
import { createSession, isRunning, stateOfRecording } from './recording-session.ts';
import type { RecordingSession, SessionPorts } from './recording-session.ts';

/** Which recordings somebody works on, and who holds their journals: what every part of the service shares. */
export type SessionTable = {
  /** The recording as the library knows it; throws RECORDING_NOT_FOUND. */
  rowOf: (recordingId: RecordingId) => Recording;
  /** The recording as it is now. */
  get: (recordingId: RecordingId) => Recording;
  putRow: (ledger: Ledger) => void;
  /** The session of a recording that is at work; throws RECORDING_NOT_RUNNING or RECORDING_NOT_FOUND. */
  session: (recordingId: RecordingId) => RecordingSession;
  sessions: () => RecordingSession[];
  has: (recordingId: RecordingId) => boolean;
  /** The one recording that is between Record and Stop; null when there is none. */
  running: () => RecordingSession | null;
  /** Where chunks of a recording go; throws when it takes none. */
  captureOf: (recordingId: RecordingId) => LiveCapture;
  /**
   * Puts a session to work on a ledger that was borrowed or adopted; it is given back when the session has settled. `aliveMs` is the
   * last sign of life of one that was found without an end.
   */
  run: (ledger: Ledger, clock: RecordingClock | null, aliveMs?: number | null) => RecordingSession;
  adopt: (recordingId: RecordingId, ledger: Ledger) => void;
  borrow: (recordingId: RecordingId) => Promise<Ledger>;
  /** Works on a recording's journal, whoever else does. */
  borrowed: <T>(recordingId: RecordingId, work: (ledger: Ledger) => Promise<T>) => Promise<T>;
  /**
   * Works on a recording's folder while nobody else does; throws RECORDING_BUSY when somebody is at work on it. Whoever wants its
   * journal meanwhile is refused in the same way.
   */
  alone: <T>(recordingId: RecordingId, work: (withLedger: WithLedger) => Promise<T>) => Promise<T>;
  /** Resolves when no session works on it any more. */
  released: (recordingId: RecordingId) => Promise<void>;
  allReleased: () => Promise<void>;
};

/** Opens the journal for some work, and closes it. */
export type WithLedger = <T>(work: (ledger: Ledger) => Promise<T>) => Promise<T>;

export type SessionTableOptions = {
  ports: SessionPorts & { library: Library };
  writingApp: string;
  recordingsFolder: () => string;
  emit: (event: RecordingEvent) => void;
  space: () => DiskSpace | null;
};

/** Makes the table of a service. */
export function createSessionTable(options: SessionTableOptions): SessionTable {
  const { ports, emit } = options;
  const { files, library } = ports;
  const sessions = new Map<RecordingId, RecordingSession>();
  /** Ends of sessions: only then a recording is nobody's any more. */
  const releasing = new Map<RecordingId, Promise<void>>();
  const pool = createLedgerPool(openLedger);
  /** Recordings whose folder is being moved. */
  const moving = new Set<RecordingId>();

  function rowOf(recordingId: RecordingId): Recording {
    const found = library.find(recordingId);
    if (found === null) throw new AppError('RECORDING_NOT_FOUND', 'There is no such recording.');
    return found.row.recording;
  }

  async function openLedger(recordingId: RecordingId): Promise<Ledger> {
    const found = library.find(recordingId);
    const row = rowOf(recordingId);
    // Where the library has it, never where a row says that it is.
    const folder = found === null ? row.folder : join(found.root, recordingId);
    const { journal, folded } = await continueJournal(files, folder, recordingId);
    const { model } = folded;
    const ledger = createLedger({ journal, folder, model, elapsedMs: () => model.elapsedMs ?? 0 });
    try {
      // Of a recording that was brought to its end the journal had said everything before.
      if (model.status !== 'completed') {
        const salvage = { files, ids: ports.ids, nowWallMs: ports.clock.wallMs };
        for (const record of await missingRecords(salvage, folder, folded, row)) await ledger.record(record);
      }
      return ledger;
    } catch (error) {
      await ledger.close();
      throw error;
    }
  }

  const borrow = async (recordingId: RecordingId): Promise<Ledger> => {
    if (moving.has(recordingId)) {
      throw new AppError('RECORDING_BUSY', 'Its files are being moved.', { retryable: true });
    }
    return pool.borrow(recordingId);
  };

  const withLedgerOf = async <T>(
    recordingId: RecordingId,
    open: (recordingId: RecordingId) => Promise<Ledger>,
    work: (ledger: Ledger) => Promise<T>,
  ): Promise<T> => {
    rowOf(recordingId);
    const ledger = await open(recordingId);
    try {
      return await work(ledger);
    } finally {
      await pool.giveBack(recordingId);
    }
  };

  const putRow = (ledger: Ledger): void => {
    const recording = { ...ledger.recording(), progress: null };
    const root = library.find(recording.id)?.root ?? options.recordingsFolder();
    library.put(root, { recording, journalBytes: ledger.journalBytes() });
  };

  const sessionOf = (recordingId: RecordingId): RecordingSession => {
    const session = sessions.get(recordingId);
    if (session !== undefined) return session;
    rowOf(recordingId);
    throw new AppError('RECORDING_NOT_RUNNING', 'This recording is not running.');
  };

  const releaseWhenSettled = async (recordingId: RecordingId, session: RecordingSession): Promise<void> => {
    await session.settled;
    if (sessions.get(recordingId) === session) sessions.delete(recordingId);
    putRow(session.ledger);
    await pool.giveBack(recordingId);
  };

  return {
    rowOf,
    get: (recordingId) => sessions.get(recordingId)?.ledger.recording() ?? rowOf(recordingId),
    putRow,
    session: sessionOf,
    sessions: () => [...sessions.values()],
    has: (recordingId) => sessions.has(recordingId),
    running: () => [...sessions.values()].find((session) => isRunning(session.state())) ?? null,
    captureOf: (recordingId) => {
      const session = sessionOf(recordingId);
      if (session.capture === null || !isRunning(session.state())) {
        throw new AppError('RECORDING_NOT_RUNNING', 'This recording is not running.');
      }
      return session.capture;
    },
    run: (ledger, clock, aliveMs = null) => {
      const { id } = ledger.model();
      const session = createSession({
        ports,
        ledger,
        state: stateOfRecording(ledger.recording()),
        clock,
        aliveMs,
        writingApp: options.writingApp,
        emit,
        space: options.space,
        onChanged: () => putRow(ledger),
      });
      sessions.set(id, session);
      releasing.set(id, releaseWhenSettled(id, session));
      return session;
    },
    adopt: (recordingId, ledger) => pool.adopt(recordingId, ledger),
    borrow,
    borrowed: (recordingId, work) => withLedgerOf(recordingId, borrow, work),
    alone: async (recordingId, work) => {
      if (sessions.has(recordingId) || pool.isBorrowed(recordingId) || moving.has(recordingId)) {
        throw new AppError('RECORDING_BUSY', 'Something is still being made of it.', { retryable: true });
      }
      moving.add(recordingId);
      try {
        return await work((inside) => withLedgerOf(recordingId, pool.borrow, inside));
      } finally {
        moving.delete(recordingId);
      }
    },
    released: async (recordingId) => releasing.get(recordingId),
    allReleased: async () => {
      await Promise.all(releasing.values());
    },
  };
}

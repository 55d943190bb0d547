import { dirname } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import type { RecordingId } from '../../contract/ids.ts';
import type { Recording, RecordingEvent } from '../../contract/recording.ts';
import { discardFolder } from './bin.ts';
import { capturePlanFor } from './capture-plan.ts';
import { createChapterKeeper } from './chapter-keeper.ts';
import { deletionRefusal } from './deletion-refusal.ts';
import { createFolderClaims } from './folder-claims.ts';
import { createLatencyRing } from './latency-ring.ts';
import { CLOSE_GRACE_MS } from './limits.ts';
import { requireMedia } from './media-place.ts';
import { addMarker, removeMarker, renameMarker } from './markers.ts';
import { createQualitySeries } from './quality-series.ts';
import type { RecorderEvent } from './recorder.ts';
import type { Ledger } from './recording-ledger.ts';
import { createRecordingBin } from './recording-bin.ts';
import { isUnfinished, recoverRecordings } from './recording-recovery.ts';
import { createRecordingRoom } from './recording-room.ts';
import { beginRecording } from './recording-start.ts';
import type { Recordings, RecordingsConfig, RecordingsPorts } from './recordings.ts';
import { createSessionTable } from './session-table.ts';
import { exportTrack } from './track-export.ts';

export type { Recordings } from './recordings.ts';

/** Builds the service over its ports. */
export function createRecordings(ports: RecordingsPorts, config: RecordingsConfig): Recordings {
  const { files, library, clock, ids, scheduler } = ports;
  const listeners = new Set<(event: RecordingEvent) => void>();
  const exporting = new AbortController();
  const counts = { chunksAcknowledged: 0, chunksRefused: 0, bytesAcknowledged: 0 };
  const latencies = createLatencyRing();
  let starting = false;
  let closed = false;

  const view = config.view ?? ((recording: Recording): Recording => recording);
  const emit = (event: RecordingEvent): void => {
    const seen = 'recording' in event ? { ...event, recording: view(event.recording) } : event;
    for (const listener of listeners) listener(seen);
  };

  const room = createRecordingRoom({ files, scheduler, config, takenBytes: () => counts.bytesAcknowledged });
  const table = createSessionTable({
    ports,
    writingApp: config.writingApp,
    recordingsFolder: config.recordingsFolder,
    emit,
    space: () => room.latest(),
  });
  const series = createQualitySeries(files, (trouble) => config.onQualityTrouble?.(trouble));
  const chapters = createChapterKeeper({ files, table, emit });

  const recoverIn = (roots: readonly string[], beginSaving?: Promise<unknown>): ReturnType<Recordings['recover']> =>
    recoverRecordings({ ...ports, locks: ports.locks ?? null, table, emit }, roots, beginSaving);
  const claims = createFolderClaims({
    locks: ports.locks ?? null,
    library,
    scheduler,
    recover: async (root) => {
      const report = await recoverIn([root]);
      // The other one went on with them while we looked away.
      for (const { recording } of library.rows(root)) {
        emit({ type: 'recordingChanged', recording: table.get(recording.id) });
      }
      return report;
    },
  });
  const { claim, claimOf } = claims;
  const bin = createRecordingBin({
    files,
    clock,
    library,
    table,
    claims,
    recordingsFolder: config.recordingsFolder,
    emit,
    refreshChapters: (recordingId) => chapters.refresh(recordingId),
  });

  const start: Recordings['start'] = async (input) => {
    if (closed) throw new AppError('CONFLICT', 'The app is closing.');
    if (starting || table.running() !== null) {
      throw new AppError('RECORDING_RUNNING', 'A recording is running already.');
    }
    starting = true;
    try {
      const root = config.recordingsFolder();
      const begun = await beginRecording(ports, root, input, claim);
      try {
        await room.requireIn(root);
      } catch (error) {
        // Nothing was announced yet: its folder goes as if it had never been.
        await begun.ledger.close();
        await discardFolder(files, root, begun.id, clock.wallMs()).catch(() => undefined);
        throw error;
      }
      table.adopt(begun.id, begun.ledger);
      const session = table.run(begun.ledger, begun.clock);
      room.watch(root, session);
      const recording = begun.ledger.recording();
      library.put(root, { recording, journalBytes: begun.ledger.journalBytes() });
      emit({ type: 'recordingStarted', recording });
      return recording;
    } finally {
      starting = false;
    }
  };

  /** Asks a running recording for something and answers when the journal of it is on the disk. */
  const ask = async (recordingId: RecordingId, event: RecorderEvent): Promise<Recording> => {
    const session = table.session(recordingId);
    session.dispatch(event);
    await session.ledger.sync();
    return table.get(recordingId);
  };

  /** Changes a recording that is there, running or not, and tells everybody. */
  const change = async (recordingId: RecordingId, work: (ledger: Ledger) => Promise<unknown>): Promise<Recording> => {
    await claimOf(recordingId);
    const changed = await table.borrowed(recordingId, async (ledger) => {
      await work(ledger);
      table.putRow(ledger);
      const recording = ledger.recording();
      emit({ type: 'recordingChanged', recording });
      return recording;
    });
    // Its end was lost with a part of its journal, unnoticed until now.
    if (isUnfinished(changed) && !table.has(recordingId) && !starting) await recoverIn([dirname(changed.folder)]);
    return changed;
  };

  return {
    start,
    attach: async ({ recordingId, clockMs }) => {
      const capture = table.captureOf(recordingId);
      const session = table.session(recordingId);
      if (session.state().kind !== 'recording') {
        throw new AppError('RECORDING_NOT_RUNNING', 'This recording takes nothing at the moment.', { retryable: true });
      }
      const zeroClockMs = clockMs - session.elapsedMs();
      const plan = capturePlanFor(table.get(recordingId).format, config.captureSettings());
      await capture.closeAll('crashed');
      return { zeroClockMs, plan };
    },
    openTrack: async ({ recordingId, ...source }) => ({
      trackId: await table.captureOf(recordingId).openTrack(source),
    }),
    openSegment: async ({ recordingId, trackId, lanes, atMs }) => ({
      segment: await table.captureOf(recordingId).openSegment(trackId, lanes, atMs),
    }),
    append: async (chunk) => {
      const arrivedMs = clock.monotonicMs();
      try {
        const ack = await table.captureOf(chunk.recordingId).append(chunk);
        latencies.add(clock.monotonicMs() - arrivedMs);
        counts.chunksAcknowledged += 1;
        counts.bytesAcknowledged += chunk.bytes.byteLength;
        return ack;
      } catch (error) {
        counts.chunksRefused += 1;
        throw error;
      }
    },
    expect: ({ recordingId, trackId, lane, expecting }) =>
      table.captureOf(recordingId).expect(trackId, lane, expecting),
    closeSegment: async ({ recordingId, trackId, segment, reason }) =>
      table.captureOf(recordingId).closeSegment(trackId, segment, reason),
    pause: async ({ recordingId }) => {
      requireState(recordingId, 'recording', 'Only a recording that runs can be paused.');
      return ask(recordingId, { kind: 'pauseRequested' });
    },
    resume: async ({ recordingId }) => {
      requireState(recordingId, 'paused', 'This recording is not paused.');
      return ask(recordingId, { kind: 'resumeRequested' });
    },
    stop: ({ recordingId }) => ask(recordingId, { kind: 'stopRequested' }),
    space: ({ people }) => room.space(people),
    noteQuality: ({ callId, people }) => {
      const session = table.running();
      if (session === null || session.state().kind !== 'recording') return;
      const { ledger } = session;
      const { id: recordingId, callId: recordedCallId } = ledger.model();
      if (recordedCallId !== callId) return;
      series.note({ recordingId, folder: ledger.folder, atMs: session.elapsedMs(), people });
    },
    addMarker: async ({ recordingId, name = '' }) => {
      table.captureOf(recordingId);
      const atMs = table.session(recordingId).elapsedMs();
      return table.borrowed(recordingId, async (ledger) => {
        const marker = await addMarker(ids, ledger, atMs, name);
        table.putRow(ledger);
        emit({ type: 'recordingChanged', recording: ledger.recording() });
        return marker;
      });
    },
    renameMarker: async ({ recordingId, markerId, name }) => {
      const changed = await change(recordingId, (ledger) => renameMarker(ledger, markerId, name));
      chapters.refresh(recordingId);
      return changed;
    },
    removeMarker: async ({ recordingId, markerId }) => {
      const changed = await change(recordingId, (ledger) => removeMarker(ledger, markerId));
      chapters.refresh(recordingId);
      return changed;
    },
    get: ({ recordingId }) => view(table.get(recordingId)),
    list: () => library.list().map(({ id }) => view(table.get(id))),
    rows: () => library.list(),
    pin: ({ recordingId, pinned }) =>
      change(recordingId, async (ledger) => {
        await ledger.record({ kind: 'pinned', pinned });
        await ledger.sync();
      }),
    withOpen: async (recordingId, work) => {
      await claimOf(recordingId);
      return table.borrowed(recordingId, (ledger) =>
        work({
          folder: ledger.folder,
          cloud: () => ledger.model().cloud,
          recording: () => ledger.recording(),
          record: async (record, { announce }) => {
            await ledger.record(record);
            await ledger.sync();
            table.putRow(ledger);
            if (announce) emit({ type: 'recordingChanged', recording: ledger.recording() });
          },
        }),
      );
    },
    announce: ({ type, recordingId }) => emit({ type, recording: table.get(recordingId) }),
    rename: ({ recordingId, title }) =>
      change(recordingId, async (ledger) => {
        await ledger.record({ kind: 'renamed', title: title.slice(0, 200) });
        await ledger.sync();
      }),
    delete: async ({ recordingId }) => {
      const refusal = deletionRefusal(table.get(recordingId));
      if (refusal !== null) throw new AppError('RECORDING_BUSY', refusal, { retryable: true });
      await claimOf(recordingId);
      await table.released(recordingId);
      await chapters.idle(recordingId);
      await bin.putByHand(recordingId);
    },
    bin,
    exportTrack: async ({ recordingId, trackId, signal }) => {
      await claimOf(recordingId);
      const { status } = table.get(recordingId);
      if (status !== 'completed' && status !== 'failed') {
        throw new AppError('RECORDING_BUSY', 'It is still being saved.', { retryable: true });
      }
      const made = await table.borrowed(recordingId, async (ledger) => {
        requireMedia(ledger);
        return exportTrack({
          ports,
          ledger,
          trackId,
          signal: signal === undefined ? exporting.signal : AbortSignal.any([signal, exporting.signal]),
          emit,
          onChanged: () => table.putRow(ledger),
        });
      });
      chapters.refresh(recordingId);
      return made;
    },
    retry: async ({ recordingId }) => {
      await claimOf(recordingId);
      if (table.get(recordingId).status !== 'failed') {
        throw new AppError('CONFLICT', 'Only a recording that failed can be tried again.');
      }
      // One that could not be read at launch may be well: then its journal says so.
      const isWell = await table.borrowed(recordingId, async (each) => {
        if (each.model().status !== 'completed') return false;
        table.putRow(each);
        return true;
      });
      if (isWell) return table.get(recordingId);
      const ledger = await table.borrow(recordingId);
      const session = table.run(ledger, null);
      // On a full disk the end itself could not be journaled: then it is an interrupted recording like any other.
      session.dispatch({ kind: 'foundUnfinished' });
      await ledger.keep({ kind: 'processing' });
      emit({ type: 'recordingProcessing', recording: ledger.recording() });
      session.dispatch({ kind: 'retryRequested' });
      return ledger.recording();
    },
    stats: () => {
      const totals = library.totals();
      const states = table.sessions().map((session) => session.state().kind);
      const processing = states.filter((kind) => kind === 'processing' || kind === 'interrupted').length;
      const running = table.running()?.ledger.recording() ?? null;
      // Its row in the library is as old as its last change of state; it grows all the time.
      const grownBytes = running === null ? 0 : running.sizeBytes - table.rowOf(running.id).sizeBytes;
      return {
        ...totals,
        sizeBytes: totals.sizeBytes + grownBytes,
        running: running === null ? 0 : 1,
        processing,
        ...counts,
        chunkLatencyMs: latencies.figures(),
      };
    },
    callRecording: () => {
      const session = table.running();
      if (session === null) return null;
      const { id, recordedBy } = session.ledger.model();
      const { kind } = session.state();
      const state = kind === 'stopping' ? 'stopping' : kind === 'recording' ? 'recording' : 'paused';
      return { recordingId: id, state, health: session.health(), elapsedMs: session.elapsedMs(), recordedBy };
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    recover: async ({ beginSaving } = {}) => {
      await library.load();
      const report = await recoverIn([config.recordingsFolder(), ...library.roots()], beginSaving);
      for (const { root, lock } of report.shelves) if (lock === 'inUse') claims.await(root);
      return report;
    },
    settled: async ({ recordingId }) => {
      await table.released(recordingId);
      await chapters.idle(recordingId);
      return table.get(recordingId);
    },
    close: async ({ limitMs }) => {
      closed = true;
      exporting.abort();
      claims.stop();
      const dispatchAll = (event: RecorderEvent): void => {
        for (const session of table.sessions()) session.dispatch(event);
      };
      dispatchAll({ kind: 'stopRequested' });
      for (const session of table.sessions()) if (session.state().kind === 'interrupted') session.abort();
      // The window may be gone already: half of the time is for its last chunks, half for saving.
      const undo = scheduler.after(limitMs / 2, () => dispatchAll({ kind: 'captureLate' }));
      await within(limitMs, table.allReleased());
      undo();
      for (const session of table.sessions()) session.abort();
      // A disk that hangs must not keep the app from quitting: the journal has no end, so the next launch goes on.
      let isIdle = false;
      const becomeIdle = async (): Promise<void> => {
        await Promise.all([table.allReleased(), chapters.idle(), series.idle()]);
        isIdle = true;
      };
      await within(CLOSE_GRACE_MS, becomeIdle());
      await library.flush();
      // As long as something may still be written, nobody else may begin: the lock of a process that is gone heals itself.
      if (isIdle) await within(CLOSE_GRACE_MS, ports.locks?.release() ?? Promise.resolve());
    },
  };

  function requireState(recordingId: RecordingId, kind: 'recording' | 'paused', refusal: string): void {
    if (table.session(recordingId).state().kind !== kind) throw new AppError('CONFLICT', refusal, { retryable: true });
  }

  async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const undo = scheduler.after(limitMs, resolve);
    await Promise.race([work, late]);
    undo();
  }
}

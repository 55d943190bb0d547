import { join } from 'node:path';
import { AppError } from '../../contract/errors.ts';
import { trackIdSchema } from '../../contract/ids.ts';
import type { ParticipantId, TrackId } from '../../contract/ids.ts';
import type {
  Chunk,
  Lane,
  RecordingHealth,
  SegmentEndReason,
  TrackHealth,
  TrackSource,
} from '../../contract/recording.ts';
import { wantedContainer } from './capture-plan.ts';
import { finishSegment, shortName } from './finish-segment.ts';
import { judgeHealth } from './health.ts';
import { MAX_SEGMENTS_PER_TRACK, MAX_TRACKS } from './limits.ts';
import { observeTrack } from './live-track.ts';
import type { LiveTrack, OpenSegment } from './live-track.ts';
import { createMixFeed } from './mix-feed.ts';
import type { FedMix } from './mix-feed.ts';
import type { Files, Ids, LiveMix, MediaJobs, Scheduler } from './ports.ts';
import { deliverableFile, fileStem, insideFolder, segmentFile, SEGMENTS_FOLDER } from './recording-folder.ts';
import type { Ledger } from './recording-ledger.ts';
import type { FinishByScan } from './segment-finish.ts';
import { createSegmentSink } from './segment-sink.ts';
import type { SegmentFileFacts } from './segment-sink.ts';
import { createSyncGroup } from './sync-group.ts';

/** The tracks of a running recording: where chunks come in and where health is judged. */
export type LiveCapture = {
  openTrack: (source: {
    participantId: ParticipantId | null;
    participantName: string;
    source: TrackSource;
  }) => Promise<TrackId>;
  openSegment: (trackId: TrackId, lanes: readonly Lane[], atMs: number) => Promise<number>;
  append: (chunk: Chunk) => Promise<{ seq: number }>;
  expect: (trackId: TrackId, lane: Lane, expecting: boolean) => void;
  /** Resolves when the segment is a finished file; closing it again does nothing. */
  closeSegment: (trackId: TrackId, segment: number, reason: SegmentEndReason) => Promise<void>;
  closeAll: (reason: SegmentEndReason) => Promise<void>;
  /** What was written so far is on the disk when it resolves. */
  syncNow: () => Promise<void>;
  health: () => { health: RecordingHealth; tracks: TrackHealth[] };
  /** The recording goes on after a pause: nothing that was durable before counts as a sign that bytes reach the disk. */
  goOn: () => void;
  /** Hands over the MP4 that grew beside the mix; null the second time. */
  takeLiveMix: () => FedMix | null;
  stop: () => void;
};

export type LiveCaptureOptions = {
  files: Files;
  ids: Ids;
  scheduler: Scheduler;
  jobs: MediaJobs;
  finishByScan?: FinishByScan;
  ledger: Ledger;
  /** The recording's clock. */
  clockMs: () => number;
  writingApp: string;
  /** False once Stop was asked for: nothing new may begin then. */
  isTaking: () => boolean;
  onSegmentOpened: () => void;
  onSegmentClosed: () => void;
  /** After each run of the group timer and at once when something failed. */
  onHealth: () => void;
  onStateChanged: () => void;
};

const liveMixGivenUp = 'The MP4 could not grow beside the recording; it is made at the end.';

/** Starts the capture side of a recording. */
export function createLiveCapture(options: LiveCaptureOptions): LiveCapture {
  const { files, ledger, clockMs } = options;
  const tracks = new Map<TrackId, LiveTrack>();
  const mixFeed = createMixFeed();
  let nothingOpenSinceMs: number | null = 0;
  let resumedAtMs: number | null = null;

  const group = createSyncGroup({
    scheduler: options.scheduler,
    afterData: async () => {
      await journalDurable();
      await ledger.sync();
      options.onHealth();
    },
    onError: () => options.onHealth(),
  });

  /** At most one record per track and run: what the files of the open segments are known to hold. */
  const journalDurable = async (): Promise<void> => {
    for (const track of tracks.values()) {
      if (track.open === null) continue;
      const durable = track.open.sink.durable();
      if (durable.sizeBytes === track.journaledBytes) continue;
      track.journaledBytes = durable.sizeBytes;
      track.lastDurableMs = clockMs();
      track.failure = null;
      const atMs = clockMs();
      await ledger.keep({ kind: 'durable', trackId: track.id, segment: track.open.index, ...durable, atMs });
    }
  };

  /** A state has changed: told at once and made durable at once, but nobody waits for the disk to be done. */
  const commit = (): void => {
    options.onStateChanged();
    void group.syncNow();
  };

  const trackOf = (trackId: TrackId): LiveTrack => {
    const track = tracks.get(trackId);
    if (track === undefined) throw new AppError('TRACK_UNKNOWN', 'The recording has no such track.');
    return track;
  };

  const startLiveMix = (track: LiveTrack, facts: SegmentFileFacts): LiveMix | null => {
    const fits = ledger.model().format === 'mp4' && facts.videoCodec !== null && options.jobs.fitsMp4(facts.videoCodec);
    const path = insideFolder(ledger.folder, deliverableFile(track.stem, 'mp4'));
    if (!fits || path === null) return null;
    return options.jobs.startLiveMix({
      outputPath: path,
      onAbandoned: () => void ledger.keep({ kind: 'note', text: liveMixGivenUp }),
      onProcess: (identity) => void ledger.keep({ kind: 'process', ...identity }),
    });
  };

  const openSegment: LiveCapture['openSegment'] = async (trackId, lanes, atMs) => {
    const track = trackOf(trackId);
    // The recorders of one source run once: opening anew says that the old ones are gone.
    if (track.open !== null) await closeSegment(trackId, track.open.index, 'sourceChanged');
    if (!options.isTaking()) throw new AppError('RECORDING_NOT_RUNNING', 'The recording takes nothing new any more.');
    if (track.nextIndex >= MAX_SEGMENTS_PER_TRACK) {
      throw new AppError('RATE_LIMITED', 'This track was interrupted too often.', {
        details: { limit: MAX_SEGMENTS_PER_TRACK },
      });
    }
    const index = track.nextIndex;
    track.nextIndex += 1;
    const target = { trackId, segment: index };
    const sink = createSegmentSink({
      files,
      scheduler: options.scheduler,
      clockMs,
      segmentAtMs: atMs,
      lanes,
      wanted: track.wanted,
      participantName: track.participantName,
      spokenName: shortName(track),
      writingApp: options.writingApp,
      startedWallMs: Date.parse(ledger.model().startedAt),
      place: (container) => {
        const relative = segmentFile(track.stem, index, container);
        return { relative, absolute: join(ledger.folder, relative), folder: join(ledger.folder, SEGMENTS_FOLDER) };
      },
      onFile: async (facts) => {
        const { path: file, ...rest } = facts;
        await ledger.record({ kind: 'segmentFile', ...target, file, ...rest });
        if (track.source === 'mix') mixFeed.opened(index, facts.offsetMs, () => startLiveMix(track, facts));
        commit();
      },
      onAppended: track.source === 'mix' ? (bytes) => mixFeed.appended(index, bytes) : null,
      onFailed: (error) => {
        track.failure = error.message;
        options.onHealth();
        void endFailed(target, error);
      },
      onEnded: (_error, nextContainer) => {
        track.wanted = nextContainer;
        void closeSegment(trackId, index, 'sourceChanged');
      },
    });
    const sinceMs = clockMs();
    track.open = {
      index,
      sink,
      expecting: new Map(lanes.map((lane) => [lane, { expecting: true, sinceMs }])),
      leaveGroup: group.add({ sync: () => sink.sync().then(() => undefined) }),
    };
    track.journaledBytes = 0;
    nothingOpenSinceMs = null;
    options.onSegmentOpened();
    await ledger.keep({ kind: 'segmentOpened', ...target, lanes: [...lanes], atMs });
    commit();
    return index;
  };

  const endFailed = async (target: { trackId: TrackId; segment: number }, error: AppError): Promise<void> => {
    const { code, message, retryable } = error;
    // Closed first, so that a new segment may be opened at once.
    const closing = closeSegment(target.trackId, target.segment, 'crashed');
    await ledger.keep({ kind: 'writeFailed', ...target, error: { code, message, retryable } });
    await closing;
  };

  const closeSegment: LiveCapture['closeSegment'] = async (trackId, index, reason) => {
    const track = trackOf(trackId);
    const underWay = track.closing.get(index);
    if (underWay !== undefined) return underWay;
    if (track.open?.index !== index) {
      if (index < track.nextIndex) return;
      throw new AppError('NOT_FOUND', `This track has no segment ${index}.`);
    }
    const closing = closeOpen(track, track.open, reason);
    track.closing.set(index, closing);
    try {
      await closing;
    } finally {
      track.closing.delete(index);
    }
  };

  const closeOpen = async (track: LiveTrack, open: OpenSegment, reason: SegmentEndReason): Promise<void> => {
    const target = { trackId: track.id, segment: open.index };
    track.open = null;
    open.leaveGroup();
    if ([...tracks.values()].every((each) => each.open === null)) nothingOpenSinceMs = clockMs();
    await ledger.keep({ kind: 'segmentClosed', ...target, reason });
    try {
      await finishSegment({ files, jobs: options.jobs, finishByScan: options.finishByScan }, ledger, target, open.sink);
    } catch {
      // It stays closed and unfinished in the journal: finalising tries again and says what is wrong.
    }
    track.acked.set(open.index, open.sink.acked());
    const segment = ledger
      .model()
      .tracks.find((each) => each.id === track.id)
      ?.segments.find((each) => each.index === open.index);
    track.closedBytes += segment?.sizeBytes ?? 0;
    commit();
    options.onSegmentClosed();
  };

  return {
    openTrack: async ({ participantId, participantName, source }) => {
      if ((participantId === null) !== (source === 'mix')) {
        throw new AppError('INVALID_INPUT', 'Only the mix belongs to nobody.');
      }
      const known = [...tracks.values()].find((each) => each.participantId === participantId && each.source === source);
      if (known !== undefined) return known.id;
      if (tracks.size >= MAX_TRACKS) {
        throw new AppError('RATE_LIMITED', 'This recording has too many tracks.', { details: { limit: MAX_TRACKS } });
      }
      const id = trackIdSchema.parse(options.ids.next());
      const stem = fileStem(participantName, source, new Set([...tracks.values()].map((each) => each.stem)));
      tracks.set(id, {
        id,
        participantId,
        participantName,
        source,
        stem,
        nextIndex: 0,
        open: null,
        closing: new Map(),
        acked: new Map(),
        wanted: wantedContainer(ledger.model().format),
        closedBytes: 0,
        lastDurableMs: null,
        journaledBytes: 0,
        failure: null,
      });
      await ledger.keep({ kind: 'trackOpened', trackId: id, participantId, participantName, source, stem });
      commit();
      return id;
    },
    openSegment,
    append: async (chunk) => {
      const track = trackOf(chunk.trackId);
      if (track.open?.index === chunk.segment) return track.open.sink.append(chunk);
      if ((track.acked.get(chunk.segment)?.get(chunk.lane) ?? -1) >= chunk.seq) return { seq: chunk.seq };
      throw new AppError('SEGMENT_CLOSED', 'This segment takes no more chunks: open a new one.', {
        details: { segment: chunk.segment },
      });
    },
    expect: (trackId, lane, expecting) => {
      const { open } = trackOf(trackId);
      const before = open?.expecting.get(lane);
      if (before === undefined || before.expecting === expecting) return;
      open?.expecting.set(lane, { expecting, sinceMs: clockMs() });
      open?.sink.expect(lane, expecting);
    },
    closeSegment,
    closeAll: async (reason) => {
      await Promise.all(
        [...tracks.values()].flatMap((track) => [
          ...track.closing.values(),
          ...(track.open === null ? [] : [closeSegment(track.id, track.open.index, reason)]),
        ]),
      );
    },
    syncNow: () => group.syncNow(),
    health: () =>
      judgeHealth({
        nowMs: clockMs(),
        nothingOpenSinceMs,
        resumedAtMs,
        journalFailure: ledger.failure(),
        tracks: [...tracks.values()].map(observeTrack),
      }),
    goOn: () => {
      const nowMs = clockMs();
      resumedAtMs = nowMs;
      // The last bytes before a pause become durable while it begins, which the clock takes back.
      for (const track of tracks.values()) {
        if (track.lastDurableMs !== null) track.lastDurableMs = Math.min(track.lastDurableMs, nowMs);
      }
      if (nothingOpenSinceMs !== null) nothingOpenSinceMs = Math.min(nothingOpenSinceMs, nowMs);
    },
    takeLiveMix: () => mixFeed.take(),
    stop: () => group.stop(),
  };
}

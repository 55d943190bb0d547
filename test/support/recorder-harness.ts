import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { callIdSchema, participantIdSchema } from '../../contract/ids.ts';
import type { RecordingId, TrackId } from '../../contract/ids.ts';
import type { Chunk, FileFormat, Lane, Recording, RecordingEvent, TrackSource } from '../../contract/recording.ts';
import { createLibrary } from '../../main/library/library.ts';
import type { Library } from '../../main/library/library.ts';
import { locateFfmpeg } from '../../main/media/ffmpeg-locate.ts';
import { nodeMediaFiles } from '../../main/media/media-files.ts';
import type { FolderLocks } from '../../main/recording/folder-lock.ts';
import { createMediaJobs } from '../../main/recording/media-jobs.ts';
import { nodeIds } from '../../main/recording/node-clock.ts';
import { nodeFiles } from '../../main/recording/node-files.ts';
import type { Files, MediaJobs } from '../../main/recording/ports.ts';
import { createRecordings } from '../../main/recording/recording-service.ts';
import type { Recordings } from '../../main/recording/recording-service.ts';
import type { FinishByScan } from '../../main/recording/segment-finish.ts';
import { launcher } from './ffmpeg-fixtures.ts';
import { createVirtualTime } from './virtual-time.ts';
import type { VirtualTime } from './virtual-time.ts';

export const CALL_ID = callIdSchema.parse('00000000-0000-4000-8000-00000000ca11');
export const ADA = participantIdSchema.parse('00000000-0000-4000-8000-000000000ada');
export const BEN = participantIdSchema.parse('00000000-0000-4000-8000-000000000be4');

/** What may be of a test's own making; without locks nobody else is at work in the folder. */
type HarnessChanges = {
  files?: Files;
  jobs?: MediaJobs;
  locks?: FolderLocks;
  finishByScan?: FinishByScan;
  diskReserveBytes?: number;
  /** Left out, time begins anew. */
  time?: VirtualTime;
};

/** The recordings service on a real disk with real FFmpeg and a time of its own. */
export type Harness = {
  folder: string;
  recordingsFolder: string;
  libraryPath: string;
  time: VirtualTime;
  recordings: Recordings;
  library: Library;
  events: RecordingEvent[];
  /** Another service over the same folders, as after a new start of the app. */
  restart: (changes?: HarnessChanges) => Harness;
  /** Quits the app and removes its folders. */
  end: () => Promise<void>;
};

let ffmpegPath: Promise<string> | null = null;

/** The jobs of main/media with the FFmpeg of this machine. */
export function realJobs(): MediaJobs {
  ffmpegPath ??= locateFfmpeg({ settingPath: null }).then((found) => found.path);
  const path = ffmpegPath;
  return createMediaJobs({ ffmpeg: async () => launcher(await path), files: nodeMediaFiles });
}

/** Makes a service in a new temporary folder. */
export async function makeHarness(changes: HarnessChanges & { folder?: string } = {}): Promise<Harness> {
  const folder = changes.folder ?? (await mkdtemp(join(tmpdir(), 'tallylight-recorder-')));
  return build(folder, changes);
}

function build(folder: string, changes: HarnessChanges): Harness {
  const time = changes.time ?? createVirtualTime();
  const files = changes.files ?? nodeFiles;
  const recordingsFolder = join(folder, 'recordings');
  const libraryPath = join(folder, 'profile', 'library.json');
  const library = createLibrary({
    files,
    ids: nodeIds,
    scheduler: time.scheduler,
    path: libraryPath,
    onWriteFailed: () => undefined,
  });
  const recordings = createRecordings(
    {
      files,
      clock: time.clock,
      ids: nodeIds,
      scheduler: time.scheduler,
      jobs: changes.jobs ?? realJobs(),
      library,
      ...(changes.locks === undefined ? {} : { locks: changes.locks }),
      ...(changes.finishByScan === undefined ? {} : { finishByScan: changes.finishByScan }),
    },
    {
      recordingsFolder: () => recordingsFolder,
      captureSettings: () => ({ videoBitsPerSecond: 2_000_000, audioBitsPerSecond: 128_000, recordMix: true }),
      diskReserveBytes: () => changes.diskReserveBytes ?? 0,
      format: () => 'mkv',
      writingApp: 'Tallylight test',
    },
  );
  const events: RecordingEvent[] = [];
  recordings.subscribe((event) => events.push(event));
  return {
    folder,
    recordingsFolder,
    libraryPath,
    time,
    recordings,
    library,
    events,
    restart: (next = {}) => build(folder, next),
    end: async () => {
      const closing = recordings.close({ limitMs: 10_000 });
      // Long enough for a window that never answers, too short to give up what is being saved.
      while (recordings.callRecording() !== null) {
        time.advance(1_000);
        await nextTurn();
      }
      await closing;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a recording. */
export function start(harness: Harness, format: FileFormat = 'mkv'): Promise<Recording> {
  return harness.recordings.start({ callId: CALL_ID, title: 'Interview', recordedBy: 'Ada', format });
}

/** Opens a track and its first segment. */
export async function openTrack(
  harness: Harness,
  recordingId: RecordingId,
  track: {
    participantId: typeof ADA | null;
    participantName: string;
    source: TrackSource;
    lanes: Lane[];
    atMs: number;
  },
): Promise<{ trackId: TrackId; segment: number }> {
  const { participantId, participantName, source, lanes, atMs } = track;
  const { trackId } = await harness.recordings.openTrack({ recordingId, participantId, participantName, source });
  const { segment } = await harness.recordings.openSegment({ recordingId, trackId, lanes, atMs });
  return { trackId, segment };
}

/** One recorder's chunks on their way in: the first comes out at `atMs`, the others 250 ms apart. */
export type Feed = {
  trackId: TrackId;
  segment: number;
  lane: Lane;
  chunks: readonly Uint8Array[];
  atMs: number;
  firstSeq?: number;
};

/** The chunk as the window would send it. */
export function toChunk(recordingId: RecordingId, feed: Omit<Feed, 'chunks'>, bytes: Uint8Array, index: number): Chunk {
  const copy = new Uint8Array(bytes);
  return {
    recordingId,
    trackId: feed.trackId,
    segment: feed.segment,
    lane: feed.lane,
    seq: (feed.firstSeq ?? 0) + index,
    crc32: crc32(copy),
    atMs: feed.atMs + 250 * index,
    bytes: copy,
  };
}

/** Plays chunks into the service in the order of their times, moving its clock along; resolves when all were acknowledged and
 * rejects with the first refusal. */
export async function play(harness: Harness, recordingId: RecordingId, feeds: readonly Feed[]): Promise<void> {
  const zeroMs = harness.time.nowMs() - (harness.recordings.callRecording()?.elapsedMs ?? 0);
  const chunks = feeds
    .flatMap((feed) => feed.chunks.map((bytes, index) => toChunk(recordingId, feed, bytes, index)))
    .sort((a, b) => a.atMs - b.atMs);
  const acks: Promise<unknown>[] = [];
  const refusals: unknown[] = [];
  for (const chunk of chunks) {
    harness.time.advanceTo(zeroMs + chunk.atMs);
    acks.push(harness.recordings.append(chunk).catch((error: unknown) => refusals.push(error)));
    await nextTurn();
  }
  harness.time.advance(400);
  await Promise.all(acks);
  if (refusals.length > 0) throw refusals[0];
}

/** Stops and waits until nothing is under way. */
export async function stopAndSettle(harness: Harness, recordingId: RecordingId): Promise<Recording> {
  await harness.recordings.stop({ recordingId });
  harness.time.advance(2_000);
  return harness.recordings.settled({ recordingId });
}

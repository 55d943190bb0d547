import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { RecordingId, TrackId } from '../../contract/ids.ts';
import type { Chunk, FileFormat, Lane, TrackSource } from '../../contract/recording.ts';
import { locateFfmpeg } from '../../main/media/ffmpeg-locate.ts';
import type { EndlessLane } from '../support/endless-lane.ts';
import { makeEndlessLane } from '../support/endless-lane.ts';
import { blocksOf, parseAll } from '../support/lanes.ts';
import { ADA, BEN, start, toChunk } from '../support/recorder-harness.ts';
import type { Harness } from '../support/recorder-harness.ts';

/** One frame of a source and when it is over, on the recording's clock. */
export type SourceFrame = { type: 'audio' | 'video'; atMs: number; endMs: number };

type SourceLane = { lane: Lane; media: EndlessLane; types: ReadonlyMap<number, 'audio' | 'video'> };
type Source = { participantId: typeof ADA | null; participantName: string; source: TrackSource; lanes: SourceLane[] };

/** Three tracks of a meeting: the own camera, somebody received, and the mix. */
export type Sources = readonly Source[];

/** How a take goes; times are on the recording's clock. */
export type TakePlan = {
  format: FileFormat;
  durationMs: number;
  /** When the own camera is changed for another; null for never. */
  deviceChangeAtMs: number | null;
  random: () => number;
};

/** What a take had sent so far, by track. */
export type TrackLog = {
  trackId: TrackId;
  source: TrackSource;
  /** Frames of all chunks that were handed over, in order. */
  frames: SourceFrame[];
  /** How many of them were in chunks that are acknowledged. */
  acknowledged: { audio: number; video: number };
  startMs: number;
  /** Null while its recorders run. */
  endMs: number | null;
};

/** What is known of a take at any time. */
export type TakeLog = {
  recordingId: RecordingId | null;
  tracks: TrackLog[];
  acknowledged: number;
  refused: string[];
  stopped: boolean;
};

const CHUNK_MS = 250;
const STEP_MS = 10;
const FRAME_MS = { audio: 20, video: 1000 / 30 } as const;

/** Makes the media of the three tracks with FFmpeg; the picture counts its frames, the sound is a tone. */
export async function makeSources(folder: string): Promise<Sources> {
  const { path } = await locateFfmpeg({ settingPath: null });
  const picture = { widthPx: 160, heightPx: 90, videoBitsPerSecond: 120_000 };
  const make = async (
    lane: Lane,
    name: string,
    tracks: 'audio' | 'video' | 'av',
    codec: 'libx264' | 'libvpx',
  ): Promise<SourceLane> => {
    const media = await makeEndlessLane(path, folder, name, { ...picture, tracks, codec });
    const header = parseAll([media.chunk(0)]).find((item) => item.kind === 'header');
    const types = new Map(header?.header.tracks.map((track) => [track.number, track.type]));
    return { lane, media, types };
  };
  return [
    {
      participantId: ADA,
      participantName: 'Ada',
      source: 'camera',
      lanes: [
        await make('audio', 'own-sound', 'audio', 'libx264'),
        await make('video', 'own-picture', 'video', 'libx264'),
      ],
    },
    {
      participantId: BEN,
      participantName: 'Ben',
      source: 'camera',
      lanes: [
        await make('audio', 'received-sound', 'audio', 'libx264'),
        await make('video', 'received-picture', 'video', 'libvpx'),
      ],
    },
    {
      participantId: null,
      participantName: '',
      source: 'mix',
      lanes: [await make('av', 'mix', 'av', 'libx264')],
    },
  ];
}

/** What a driver of virtual time must know of the machine that it drives. */
export type Machine = {
  /** The power is gone, or the process: nothing will ever go on. */
  halted: () => boolean;
  /** Something real is under way (a probe): virtual time waits for it, because it takes none. */
  busy: () => boolean;
};

/** An empty log, to be looked at while the take goes on. */
export function createTakeLog(): TakeLog {
  return { recordingId: null, tracks: [], acknowledged: 0, refused: [], stopped: false };
}

/** Moves virtual time along until the work is done, or until the machine has halted. */
export async function whileTimePasses<T>(harness: Harness, work: Promise<T>, machine: Machine): Promise<T | null> {
  let outcome: { value: T } | { error: unknown } | null = null;
  work.then(
    (value) => (outcome = { value }),
    (error: unknown) => (outcome = { error }),
  );
  const settled = (): { value: T } | { error: unknown } | null => outcome;
  for (;;) {
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
    const now = settled();
    if (now !== null && 'error' in now) throw now.error;
    if (now !== null) return now.value;
    if (machine.halted()) return null;
    if (machine.busy()) await pause(1);
    else harness.time.advance(STEP_MS);
  }
}

type Recorder = { track: TrackLog; segment: number; source: SourceLane; startMs: number; nextChunk: number };

/** Records the tracks in virtual time and stops, unless the machine halts before; `log` tells how far it came. */
export async function recordTake(
  harness: Harness,
  sources: Sources,
  plan: TakePlan,
  log: TakeLog,
  machine: Machine,
): Promise<void> {
  const { halted } = machine;
  const recording = await whileTimePasses(harness, start(harness, plan.format), machine);
  if (recording === null) return;
  const recordingId = recording.id;
  log.recordingId = recordingId;
  const nowMs = (): number => harness.recordings.callRecording()?.elapsedMs ?? 0;
  const recorders: Recorder[] = [];

  const openSegment = async (source: Source, track: TrackLog): Promise<boolean> => {
    const atMs = nowMs();
    const opened = await whileTimePasses(
      harness,
      harness.recordings.openSegment({
        recordingId,
        trackId: track.trackId,
        lanes: source.lanes.map((each) => each.lane),
        atMs,
      }),
      machine,
    );
    if (opened === null) return false;
    if (track.frames.length === 0) track.startMs = atMs;
    track.endMs = null;
    for (const each of source.lanes) {
      recorders.push({ track, segment: opened.segment, source: each, startMs: atMs, nextChunk: 0 });
    }
    return true;
  };

  for (const source of sources) {
    const opened = await whileTimePasses(
      harness,
      harness.recordings.openTrack({ recordingId, ...named(source) }),
      machine,
    );
    if (opened === null) return;
    const track = {
      trackId: opened.trackId,
      source: source.source,
      frames: [],
      acknowledged: { audio: 0, video: 0 },
      startMs: nowMs(),
      endMs: null,
    };
    log.tracks.push(track);
    if (!(await openSegment(source, track))) return;
  }

  const handOver = async (chunk: Chunk, track: TrackLog, frames: readonly SourceFrame[]): Promise<void> => {
    try {
      await harness.recordings.append(chunk);
      log.acknowledged += 1;
      for (const frame of frames) track.acknowledged[frame.type] += 1;
    } catch (error) {
      log.refused.push(String(error));
    }
  };

  /** Hands over all that has come out of the recorders by now. */
  const send = (): void => {
    for (const recorder of recorders) {
      const { track, segment, source, startMs } = recorder;
      const dueMs = (): number => startMs + CHUNK_MS * (recorder.nextChunk + 1) + 30;
      while (dueMs() <= nowMs()) {
        const bytes = source.media.chunk(recorder.nextChunk);
        const index = recorder.nextChunk;
        recorder.nextChunk += 1;
        const frames = framesOf(source, bytes, index, startMs);
        track.frames.push(...frames);
        const feed = { trackId: track.trackId, segment, lane: source.lane, atMs: 0 };
        const chunk = {
          ...toChunk(recordingId, feed, bytes, index),
          atMs: startMs + CHUNK_MS * (index + 1) + 30,
          begunAtMs: startMs + (source.lane === 'audio' ? 60 : 5),
        };
        void handOver(chunk, track, frames);
      }
    }
  };

  const endTrack = async (track: TrackLog, reason: 'stopped' | 'deviceChanged'): Promise<boolean> => {
    const own = recorders.filter((recorder) => recorder.track === track);
    const segment = own[0]?.segment ?? 0;
    for (const recorder of own) recorders.splice(recorders.indexOf(recorder), 1);
    track.endMs = track.frames.at(-1)?.endMs ?? nowMs();
    const closed = harness.recordings.closeSegment({ recordingId, trackId: track.trackId, segment, reason });
    return (
      (await whileTimePasses(
        harness,
        closed.then(() => true),
        machine,
      )) ?? false
    );
  };

  let changeAtMs = plan.deviceChangeAtMs ?? Number.POSITIVE_INFINITY;
  while (nowMs() < plan.durationMs) {
    if (halted()) return;
    if (machine.busy()) await pause(1);
    else harness.time.advance(STEP_MS);
    for (let turn = 0; turn < 2; turn += 1) await nextTurn();
    if (halted()) return;
    send();
    if (nowMs() < changeAtMs) continue;
    changeAtMs = Number.POSITIVE_INFINITY;
    const [own, track] = [sources[0], log.tracks[0]];
    if (own === undefined || track === undefined) throw new Error('A take without its own camera.');
    if (!(await endTrack(track, 'deviceChanged'))) return;
    if (!(await openSegment(own, track))) return;
  }
  log.stopped = true;
  if ((await whileTimePasses(harness, harness.recordings.stop({ recordingId }), machine)) === null) return;
  const closed = await Promise.all(log.tracks.map((track) => endTrack(track, 'stopped')));
  if (closed.includes(false)) return;
  await whileTimePasses(harness, harness.recordings.settled({ recordingId }), machine);
}

function named({ participantId, participantName, source }: Source) {
  return { participantId, participantName, source };
}

function framesOf(source: SourceLane, bytes: Uint8Array, index: number, startMs: number): SourceFrame[] {
  // Every chunk but the first lacks the header that the parser begins with.
  const header = source.media.chunk(0);
  const blocks = blocksOf(parseAll(index === 0 ? [bytes] : [header, bytes]));
  return blocks
    .filter((block) => index === 0 || block.timeMs >= index * CHUNK_MS)
    .flatMap((block) => {
      const type = source.types.get(block.trackNumber);
      if (type === undefined) return [];
      const atMs = startMs + block.timeMs;
      return [{ type, atMs, endMs: atMs + FRAME_MS[type] }];
    });
}

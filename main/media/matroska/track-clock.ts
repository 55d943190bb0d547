import type { ClusterCue, ClusterNote, FileBlock } from './cluster.ts';
import { MatroskaError } from './matroska-error.ts';

/** A picture that stood still before the last frame says nothing about how long the last frame lasts. */
const MAX_VIDEO_FRAME_MS = 200;
const DEFAULT_VIDEO_FRAME_MS = 33;
const DEFAULT_AUDIO_FRAME_MS = 20;

/** How long the sound of an Opus packet lasts, from its first bytes (RFC 6716, section 3.1 and 3.2.5). */
export function opusDurationMs(packet: Uint8Array): number {
  const toc = packet[0];
  if (toc === undefined) return 0;
  const config = toc >> 3;
  const code = toc & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 0x3f;
  // A packet never holds more than 120 ms.
  return Math.min(120, frames * opusFrameMs(config));
}

function opusFrameMs(config: number): number {
  if (config < 12) return [10, 20, 40, 60][config & 3] ?? 20;
  if (config < 16) return config % 2 === 0 ? 10 : 20;
  return [2.5, 5, 10, 20][config & 3] ?? 20;
}

/** Remembers, track by track, when the last frame was and so how long a frame lasts. */
export interface TrackClock {
  readonly codecId: string;
  readonly type: 'audio' | 'video';
  lastTimeMs: number | null;
  lastDurationMs: number;
}

/** Creates a clock for a track that has had no frame. */
export function createTrackClock(codecId: string, type: 'audio' | 'video'): TrackClock {
  return {
    codecId,
    type,
    lastTimeMs: null,
    lastDurationMs: type === 'video' ? DEFAULT_VIDEO_FRAME_MS : DEFAULT_AUDIO_FRAME_MS,
  };
}

function advanceClock(clock: TrackClock, timeMs: number, payload: Uint8Array): number {
  if (clock.codecId === 'A_OPUS') clock.lastDurationMs = opusDurationMs(payload);
  else if (clock.lastTimeMs !== null && timeMs > clock.lastTimeMs) {
    clock.lastDurationMs = Math.min(MAX_VIDEO_FRAME_MS, timeMs - clock.lastTimeMs);
  }
  clock.lastTimeMs = timeMs;
  return Math.ceil(timeMs + clock.lastDurationMs);
}

/** Makes the note of a cluster and moves the clocks of its tracks on. */
export function noteBlocks(blocks: readonly FileBlock[], clocks: ReadonlyMap<number, TrackClock>): ClusterNote {
  let cue: ClusterCue | null = null;
  const ends = new Map<number, number>();
  for (const block of blocks) {
    const clock = clocks.get(block.track);
    if (clock === undefined) throw new MatroskaError('unknown-track', `no track ${block.track} in this file`);
    ends.set(block.track, advanceClock(clock, block.timeMs, block.payload));
    if (clock.type === 'video' ? block.isKeyFrame && cue?.kind !== 'video' : cue === null) {
      cue = { kind: clock.type, track: block.track, timeMs: block.timeMs };
    }
  }
  return { cue, ends: Array.from(ends, ([track, endMs]) => ({ track, endMs })) };
}

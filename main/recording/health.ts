import type { ParticipantId, TrackId } from '../../contract/ids.ts';
import type { Lane, RecordingHealth, TrackHealth, TrackSource } from '../../contract/recording.ts';
import { FIRST_BYTES_AFTER_MS, LOST_AFTER_MS } from './limits.ts';

/** What is known of one lane of an open segment. Times are on the recording's clock. */
export type LaneObservation = {
  lane: Lane;
  /** False while it is muted at its source. */
  expecting: boolean;
  /** When it was opened, or began to be expected again. */
  expectingSinceMs: number;
  /** When the last of its bytes became durable; null before the first. */
  lastDurableMs: number | null;
};

export type TrackObservation = {
  trackId: TrackId;
  participantId: ParticipantId | null;
  participantName: string;
  source: TrackSource;
  durableBytes: number;
  lastDurableMs: number | null;
  /** Lanes of its open segment; empty when none is open. */
  lanes: readonly LaneObservation[];
  /** Why its last write failed, in words; null once bytes of it reach the disk again. */
  failure: string | null;
};

export type HealthInput = {
  nowMs: number;
  tracks: readonly TrackObservation[];
  /** When the last open segment was closed (or the recording began), as long as none is open; null otherwise. */
  nothingOpenSinceMs: number | null;
  /** When the recording went on after its last pause; null when it was never paused. */
  resumedAtMs: number | null;
  /** Why the journal cannot be written; null when it can. */
  journalFailure: string | null;
};

/** Judges from durable writes alone whether the recording is reaching the disk (DESIGN rule 7). */
export function judgeHealth(input: HealthInput): { health: RecordingHealth; tracks: TrackHealth[] } {
  const { nowMs } = input;
  const lost: { track: TrackObservation; lane: LaneObservation; silentMs: number }[] = [];
  let expected = 0;
  const tracks = input.tracks.map((track): TrackHealth => {
    const expecting = track.lanes.filter((lane) => lane.expecting);
    expected += expecting.length;
    const silent = expecting
      .map((lane) => ({ track, lane, silentMs: silenceMs(lane, nowMs) }))
      .filter((each) => each.silentMs > (each.lane.lastDurableMs === null ? FIRST_BYTES_AFTER_MS : LOST_AFTER_MS));
    lost.push(...silent);
    const isWaiting = expecting.some((lane) => lane.lastDurableMs === null);
    return {
      trackId: track.trackId,
      participantId: track.participantId,
      source: track.source,
      state:
        silent.length > 0 || track.failure !== null
          ? 'lost'
          : expecting.length === 0
            ? 'idle'
            : isWaiting
              ? 'waiting'
              : 'onDisk',
      durableBytes: track.durableBytes,
      lastDurableAgoMs: track.lastDurableMs === null ? null : Math.max(0, nowMs - track.lastDurableMs),
    };
  });
  return { health: overall(input, lost, expected), tracks };
}

function overall(
  input: HealthInput,
  lost: readonly { track: TrackObservation; lane: LaneObservation; silentMs: number }[],
  expected: number,
): RecordingHealth {
  const failure = input.journalFailure ?? input.tracks.find((track) => track.failure !== null)?.failure ?? null;
  if (failure !== null) return { kind: 'degraded', cause: 'disk', message: failure.slice(0, 300) };

  const [first] = lost;
  if (first !== undefined) {
    const seconds = Math.floor(Math.min(...lost.map((each) => each.silentMs)) / 1000);
    if (lost.length === expected && expected > 1) {
      return { kind: 'degraded', cause: 'noBytes', message: `Nothing has reached the disk for ${seconds} s.` };
    }
    const mine = lost.filter((each) => each.track === first.track);
    const others = new Set(lost.map((each) => each.track)).size - 1;
    const what = describeLanes(
      first.track,
      mine.map((each) => each.lane.lane),
    );
    const many = mine.length > 1 || others > 0;
    const more = others > 0 ? ` and ${others} more` : '';
    return {
      kind: 'degraded',
      cause: 'noBytes',
      message: `${what}${more} ${many ? 'have' : 'has'} not reached the disk for ${seconds} s.`,
    };
  }

  const isOnDisk = input.tracks.some((track) => reachedTheDisk(track, input.resumedAtMs));
  const limitMs = isOnDisk ? LOST_AFTER_MS : FIRST_BYTES_AFTER_MS;
  if (input.nothingOpenSinceMs !== null && input.nowMs - input.nothingOpenSinceMs > limitMs) {
    const seconds = Math.floor((input.nowMs - input.nothingOpenSinceMs) / 1000);
    return { kind: 'degraded', cause: 'captureLost', message: `Nothing has been captured for ${seconds} s.` };
  }
  return isOnDisk ? { kind: 'ok' } : { kind: 'starting' };
}

/** What was durable before a pause says nothing about what is captured after it. */
function reachedTheDisk({ durableBytes, lastDurableMs }: TrackObservation, resumedAtMs: number | null): boolean {
  if (durableBytes === 0) return false;
  return resumedAtMs === null || (lastDurableMs !== null && lastDurableMs > resumedAtMs);
}

function silenceMs(lane: LaneObservation, nowMs: number): number {
  return nowMs - Math.max(lane.expectingSinceMs, lane.lastDurableMs ?? Number.NEGATIVE_INFINITY);
}

function describeLanes(track: TrackObservation, lanes: readonly Lane[]): string {
  if (track.source === 'mix') return 'The mix';
  const whose = `${track.participantName.slice(0, 80)}'s`;
  const both = lanes.length > 1 || lanes[0] === 'av';
  if (track.source === 'screen') {
    if (both) return `${whose} screen and its sound`;
    return lanes[0] === 'audio' ? `The sound of ${whose} screen` : `${whose} screen`;
  }
  if (both) return `${whose} picture and sound`;
  return lanes[0] === 'audio' ? `${whose} sound` : `${whose} picture`;
}

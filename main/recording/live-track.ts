import type { ParticipantId, TrackId } from '../../contract/ids.ts';
import type { Lane, TrackSource } from '../../contract/recording.ts';
import type { TrackObservation } from './health.ts';
import type { SegmentSink } from './segment-sink.ts';

/** A segment that takes chunks. */
export type OpenSegment = {
  index: number;
  sink: SegmentSink;
  expecting: Map<Lane, { expecting: boolean; sinceMs: number }>;
  leaveGroup: () => void;
};

/** One source of one participant while it is captured. Times are on the recording's clock. */
export type LiveTrack = {
  id: TrackId;
  participantId: ParticipantId | null;
  participantName: string;
  source: TrackSource;
  stem: string;
  nextIndex: number;
  open: OpenSegment | null;
  closing: Map<number, Promise<void>>;
  /** Last acknowledged sequence numbers of closed segments: a late duplicate gets the same ack. */
  acked: Map<number, ReadonlyMap<Lane, number>>;
  wanted: 'webm' | 'mkv';
  closedBytes: number;
  lastDurableMs: number | null;
  journaledBytes: number;
  failure: string | null;
};

/** What is to be known of a track to judge whether it reaches the disk. */
export function observeTrack(track: LiveTrack): TrackObservation {
  const { open } = track;
  return {
    trackId: track.id,
    participantId: track.participantId,
    participantName: track.participantName,
    source: track.source,
    durableBytes: track.closedBytes + (open?.sink.durable().sizeBytes ?? 0),
    lastDurableMs: track.lastDurableMs,
    failure: track.failure,
    lanes: (open?.sink.lanes() ?? []).map(({ lane, lastDurableMs }) => {
      const expected = open?.expecting.get(lane);
      return {
        lane,
        lastDurableMs,
        expecting: expected?.expecting ?? true,
        expectingSinceMs: expected?.sinceMs ?? 0,
      };
    }),
  };
}

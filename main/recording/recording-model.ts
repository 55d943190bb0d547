import type { Destination } from '../../contract/cloud.ts';
import type { ErrorShape } from '../../contract/errors.ts';
import type { CallId, ParticipantId, RecordingId, TrackId } from '../../contract/ids.ts';
import type {
  Deliverable,
  FileFormat,
  Lane,
  Marker,
  RecordingStatus,
  SegmentEndReason,
  TrackSource,
} from '../../contract/recording.ts';
import type { Fingerprint } from './journal-records.ts';

/** What the journal says of one segment. Times are on the recording's clock, in milliseconds. */
export type SegmentModel = {
  index: number;
  lanes: readonly Lane[];
  /** When its recorders were started. */
  atMs: number;
  /** Null until its first media came. */
  file: { path: string; container: 'webm' | 'mkv'; offsetMs: number } | null;
  audioCodec: string | null;
  videoCodec: string | null;
  durationMs: number;
  sizeBytes: number;
  state: 'open' | 'closed' | 'finished' | 'empty';
  endReason: SegmentEndReason | null;
};

export type TrackModel = {
  id: TrackId;
  participantId: ParticipantId | null;
  participantName: string;
  source: TrackSource;
  stem: string;
  segments: readonly SegmentModel[];
};

/** One file's way to the bucket, as far as the journal tells. */
export type CloudFileModel = {
  uploadId: string;
  file: string;
  key: string;
  destination: Destination;
  sizeBytes: number;
  state: 'queued' | 'begun' | 'sent' | 'verified' | 'failed' | 'changed';
  session: string | null;
  partBytes: number;
  fingerprint: Fingerprint | null;
  parts: readonly { part: number; sizeBytes: number; etag: string; sha256Hex: string }[];
  /** Whether it was begun anew because the server had forgotten it; that is done once. */
  restarted: boolean;
  error: ErrorShape | null;
};

/** A sending that was ended or replaced: the server may still hold parts of it. */
export type CloudLeftover = Pick<CloudFileModel, 'uploadId' | 'destination' | 'key' | 'session'>;

/** What a journal says of the bucket. */
export type CloudModel = {
  paused: boolean;
  /** To be queued as soon as it is completed. */
  wanted: boolean;
  files: readonly CloudFileModel[];
  leftovers: readonly CloudLeftover[];
};

/** Where the media of a recording are. */
export type MediaPlace = { kind: 'here' } | { kind: 'leaving' | 'left' | 'returning'; bin: string; at: string };

/** All that a journal says, folded into one value. */
export type RecordingModel = {
  id: RecordingId;
  callId: CallId;
  title: string;
  recordedBy: string;
  format: FileFormat;
  status: RecordingStatus;
  startedAt: string;
  endedAt: string | null;
  /** Record to Stop on the recording's clock; null when it was never stopped. */
  elapsedMs: number | null;
  /** Where the clock stands while paused; null when it runs. */
  pausedAtMs: number | null;
  /** How long it has stood so far, not counting a pause that is still on. */
  pausedMs: number;
  /** The last sign of life on the recording's clock. */
  aliveMs: number;
  /** In order of time. */
  markers: readonly Marker[];
  /** The markers that the files have as chapters, as a key; null when none were written yet. */
  chaptersKey: string | null;
  /** Programs that were started for it, the last few. */
  processes: readonly { pid: number; startedAt: string }[];
  tracks: readonly TrackModel[];
  deliverables: readonly Deliverable[];
  /** Null until they were made. */
  thumbnails: readonly string[] | null;
  notes: readonly string[];
  /** Results that cannot be made, by step key. */
  abandoned: ReadonlySet<string>;
  error: ErrorShape | null;
  cloud: CloudModel;
  pinned: boolean;
  media: MediaPlace;
};

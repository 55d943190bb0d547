import type { CallRecording } from '../../contract/call.ts';
import type { ParticipantQuality } from '../../contract/quality.ts';
import type { CallId, MarkerId, ParticipantId, RecordingId, TrackId } from '../../contract/ids.ts';
import type {
  CapturePlan,
  Chunk,
  Deliverable,
  DiskSpace,
  FileFormat,
  Lane,
  Marker,
  Recording,
  RecordingEvent,
  SegmentEndReason,
  TrackSource,
} from '../../contract/recording.ts';
import type { Library, LibraryTotals } from '../library/library.ts';
import type { CaptureSettings } from './capture-plan.ts';
import type { FolderLocks, LockState } from './folder-lock.ts';
import type { JournalRecord } from './journal-records.ts';
import type { LatencyFigures } from './latency-ring.ts';
import type { QualityTrouble } from './quality-series.ts';
import type { RecordingBin } from './recording-bin.ts';
import type { RecordingModel } from './recording-model.ts';
import type { SessionPorts } from './recording-session.ts';
import type { ShelfReport } from './recording-shelf.ts';

export type RecordingsPorts = SessionPorts & {
  library: Library;
  /** Left out where no other instance can be at work. */
  locks?: FolderLocks;
};

export type RecordingsConfig = {
  /** Absolute path of the folder for new recordings; asked for each one. */
  recordingsFolder: () => string;
  captureSettings: () => CaptureSettings;
  diskReserveBytes: () => number;
  /** The format of the next recording, for what it will take. */
  format: () => FileFormat;
  /** What is known of a recording beside its journal; every recording that leaves this service passes through. */
  view?: (recording: Recording) => Recording;
  /** Told once per recording when how the call was cannot be written beside it. */
  onQualityTrouble?: (trouble: QualityTrouble) => void;
  /** Name and version of the app, for the files' headers. */
  writingApp: string;
};

export type RecoveryReport = {
  /** Recordings without an end, which are being saved now. */
  interrupted: RecordingId[];
  shelves: ({ root: string; lock: LockState } & ShelfReport)[];
  /** Resolves when all of them are saved. */
  finished: Promise<void>;
};

export type RecordingsStats = LibraryTotals & {
  running: number;
  processing: number;
  chunksAcknowledged: number;
  chunksRefused: number;
  bytesAcknowledged: number;
  /** From the arrival of a chunk to its ack, of the newest ones; null before the first. */
  chunkLatencyMs: LatencyFigures | null;
};

/** What others may read and write of a recording that is at rest, while they hold its journal. */
export type OpenRecording = {
  readonly folder: string;
  cloud: () => RecordingModel['cloud'];
  recording: () => Recording;
  /** Applies a record; it is on the disk when this resolves. `announce`: everybody is told by `recordingChanged`. */
  record: (record: JournalRecord, options: { announce: boolean }) => Promise<void>;
};

/** The service that makes and keeps recordings. Who may call it is decided elsewhere (main/calls). */
export type Recordings = {
  start: (input: { callId: CallId; title: string; recordedBy: string; format: FileFormat }) => Promise<Recording>;
  /** A window takes over capturing; segments that another one left open are ended. */
  attach: (input: { recordingId: RecordingId; clockMs: number }) => Promise<{ zeroClockMs: number; plan: CapturePlan }>;
  openTrack: (input: {
    recordingId: RecordingId;
    participantId: ParticipantId | null;
    participantName: string;
    source: TrackSource;
  }) => Promise<{ trackId: TrackId }>;
  openSegment: (input: {
    recordingId: RecordingId;
    trackId: TrackId;
    lanes: readonly Lane[];
    atMs: number;
  }) => Promise<{ segment: number }>;
  /** Resolves when every byte of the chunk was written. */
  append: (chunk: Chunk) => Promise<{ seq: number }>;
  expect: (input: { recordingId: RecordingId; trackId: TrackId; lane: Lane; expecting: boolean }) => void;
  closeSegment: (input: {
    recordingId: RecordingId;
    trackId: TrackId;
    segment: number;
    reason: SegmentEndReason;
  }) => Promise<void>;
  /** Its clock stands still once the last chunks are in. */
  pause: (input: { recordingId: RecordingId }) => Promise<Recording>;
  resume: (input: { recordingId: RecordingId }) => Promise<Recording>;
  /** Resolves when stopping has begun; events tell the rest. */
  stop: (input: { recordingId: RecordingId }) => Promise<Recording>;
  /** Room for a recording of so many people in the folder for new recordings. */
  space: (input: { people: number }) => Promise<DiskSpace>;
  /** Writes how the ways of this call are beside its recording, when that one runs and is not paused; neither waits nor throws. */
  noteQuality: (look: { callId: CallId; people: readonly ParticipantQuality[] }) => void;
  /** Drops a marker at this instant of a running recording; it is on the disk when this resolves. */
  addMarker: (input: { recordingId: RecordingId; name?: string }) => Promise<Marker>;
  renameMarker: (input: { recordingId: RecordingId; markerId: MarkerId; name: string }) => Promise<Recording>;
  removeMarker: (input: { recordingId: RecordingId; markerId: MarkerId }) => Promise<Recording>;
  get: (input: { recordingId: RecordingId }) => Recording;
  /** Newest first. */
  list: () => Recording[];
  /** The same as the library has them: nothing is known of them but what their journals say, and they are not to be changed. */
  rows: () => readonly Recording[];
  rename: (input: { recordingId: RecordingId; title: string }) => Promise<Recording>;
  /** Into the bin. */
  delete: (input: { recordingId: RecordingId }) => Promise<void>;
  /** What lies in the bins, and the ways in and out for retention. */
  readonly bin: RecordingBin;
  pin: (input: { recordingId: RecordingId; pinned: boolean }) => Promise<Recording>;
  /** Holds a recording's journal open for some work; as long as it is held, the recording cannot be deleted. */
  withOpen: <T>(recordingId: RecordingId, work: (open: OpenRecording) => Promise<T>) => Promise<T>;
  /** Tells everybody how the upload of a recording is. */
  announce: (event: { type: 'recordingUploading' | 'recordingUploaded'; recordingId: RecordingId }) => void;
  exportTrack: (input: { recordingId: RecordingId; trackId: TrackId; signal?: AbortSignal }) => Promise<Deliverable>;
  retry: (input: { recordingId: RecordingId }) => Promise<Recording>;
  stats: () => RecordingsStats;
  /** What everybody in the call is told; null when nothing is being recorded. */
  callRecording: () => CallRecording | null;
  subscribe: (listener: (event: RecordingEvent) => void) => () => void;
  /** Called once at launch: finds what was interrupted and saves it, at once or when `beginSaving` has resolved. */
  recover: (options?: { beginSaving?: Promise<unknown> }) => Promise<RecoveryReport>;
  /** Resolves when nothing of this recording is under way any more. */
  settled: (input: { recordingId: RecordingId }) => Promise<Recording>;
  /** Stops, saves what can be saved within the limit, and leaves the rest to the next launch. */
  close: (input: { limitMs: number }) => Promise<void>;
};

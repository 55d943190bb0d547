import { z } from 'zod';
import {
  callIdSchema,
  deliverableIdSchema,
  markerIdSchema,
  participantIdSchema,
  recordingIdSchema,
  trackIdSchema,
} from './ids.ts';
import { recordingCloudSchema } from './cloud.ts';
import { errorShapeSchema } from './errors.ts';

/** Container of a finished file, and the choice of format in the settings. */
export const fileFormatSchema = z.enum(['webm', 'mp4', 'mkv']);
export type FileFormat = z.infer<typeof fileFormatSchema>;

export const trackSourceSchema = z.enum(['camera', 'screen', 'mix']);
export type TrackSource = z.infer<typeof trackSourceSchema>;

/** One recorder's stream inside a segment: sound and picture apart, or (only the mix) both together. */
export const laneSchema = z.enum(['audio', 'video', 'av']);
export type Lane = z.infer<typeof laneSchema>;

export const recordingStatusSchema = z.enum([
  'recording',
  'paused',
  'stopping',
  'processing',
  'completed',
  'failed',
  'interrupted',
]);
export type RecordingStatus = z.infer<typeof recordingStatusSchema>;

export const segmentEndReasonSchema = z.enum([
  'stopped',
  'left',
  'deviceChanged',
  'sourceChanged',
  'overflow',
  'crashed',
  'paused',
]);
export type SegmentEndReason = z.infer<typeof segmentEndReasonSchema>;

/** One run of a source's recorders = one file. Times are on the recording's clock, in milliseconds. */
export const segmentSchema = z.object({
  index: z.int().min(0),
  /** Path relative to the recording's folder. */
  file: z.string(),
  container: z.enum(['webm', 'mkv']),
  audioCodec: z.string().nullable(),
  videoCodec: z.string().nullable(),
  offsetMs: z.number(),
  durationMs: z.number(),
  sizeBytes: z.number(),
  finished: z.boolean(),
  endReason: segmentEndReasonSchema.nullable(),
});

/** A stretch of the recording's clock that is missing inside a track. */
const gapSchema = z.object({ atMs: z.number(), durationMs: z.number() });

/** What of a track was recorded by nobody: the truth that a person is told after a crash. */
export const lostSchema = z.object({
  /** Missing at the end: from the track's last frame until the last sign of life of the app. */
  endMs: z.number(),
  gaps: z.array(gapSchema),
  /** All of it together. */
  totalMs: z.number(),
});
export type Lost = z.infer<typeof lostSchema>;

export const trackSchema = z.object({
  id: trackIdSchema,
  participantId: participantIdSchema.nullable(),
  participantName: z.string(),
  source: trackSourceSchema,
  segments: z.array(segmentSchema),
  lost: lostSchema,
});
export type Track = z.infer<typeof trackSchema>;

/** A finished file for a person. `offsetMs` lines it up with the others on the recording's clock. */
export const deliverableSchema = z.object({
  id: deliverableIdSchema,
  kind: z.enum(['mix', 'track']),
  trackId: trackIdSchema,
  participantName: z.string(),
  source: trackSourceSchema,
  format: fileFormatSchema,
  /** Path relative to the recording's folder. */
  file: z.string(),
  durationMs: z.number(),
  offsetMs: z.number(),
  sizeBytes: z.number(),
  /** Why this file is not in the chosen format, in words; null when it is. */
  note: z.string().nullable(),
});
export type Deliverable = z.infer<typeof deliverableSchema>;

/** An instant that somebody wants to find again; an empty name means that nobody has named it yet. */
export const markerSchema = z.object({ id: markerIdSchema, atMs: z.number().min(0), name: z.string().max(200) });
export type Marker = z.infer<typeof markerSchema>;

/** Room on the disk of the recordings folder, and how long it lasts. */
export const diskSpaceSchema = z.object({
  freeBytes: z.number().min(0),
  /** `low`: below the reserve of the settings, a warning; `floor`: too little to record, so a recording ends by itself. */
  level: z.enum(['ok', 'low', 'floor']),
  /** Until the floor is reached at this rate, seconds; null while no rate is known. */
  secondsLeft: z.number().min(0).nullable(),
});
export type DiskSpace = z.infer<typeof diskSpaceSchema>;

export const healthCauseSchema = z.enum(['noBytes', 'disk', 'captureLost', 'overflow']);

/** Whether bytes reach the disk, in words a person understands; computed from the last durable write (DESIGN rule 7). */
export const recordingHealthSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('starting') }),
  z.object({ kind: z.literal('ok') }),
  z.object({ kind: z.literal('degraded'), cause: healthCauseSchema, message: z.string().max(300) }),
]);
export type RecordingHealth = z.infer<typeof recordingHealthSchema>;

export const trackHealthSchema = z.object({
  trackId: trackIdSchema,
  participantId: participantIdSchema.nullable(),
  source: trackSourceSchema,
  /** `idle`: nothing is expected (no open segment, or everything muted at the source). */
  state: z.enum(['waiting', 'onDisk', 'lost', 'idle']),
  durableBytes: z.number(),
  /** Age of the last durable byte; null before the first. */
  lastDurableAgoMs: z.number().nullable(),
});
export type TrackHealth = z.infer<typeof trackHealthSchema>;

export const progressSchema = z.object({
  stage: z.enum(['finishing', 'mixing', 'joining', 'exporting', 'thumbnails']),
  fraction: z.number().min(0).max(1),
});
export type RecordingProgress = z.infer<typeof progressSchema>;

/** The note of a recording that the app ended for want of room. */
export const ENDED_BY_FULL_DISK = 'The disk was nearly full, so the recording ended by itself.';

export const recordingSchema = z.object({
  id: recordingIdSchema,
  callId: callIdSchema,
  title: z.string().max(200),
  status: recordingStatusSchema,
  format: fileFormatSchema,
  /** Absolute path of the recording's folder. */
  folder: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  durationMs: z.number(),
  sizeBytes: z.number(),
  participantNames: z.array(z.string()),
  tracks: z.array(trackSchema),
  deliverables: z.array(deliverableSchema),
  /** Paths relative to the recording's folder, in order of time. */
  thumbnails: z.array(z.string()),
  markers: z.array(markerSchema),
  /** What is missing or differs from what was asked for, in words. */
  notes: z.array(z.string()),
  progress: progressSchema.nullable(),
  error: errorShapeSchema.nullable(),
  cloud: recordingCloudSchema,
  /** Never leaves this computer by itself. */
  pinned: z.boolean(),
  /** When the media left this computer for the bin; what is known of the recording stays. Null while they are here. */
  mediaLeftAt: z.iso.datetime().nullable(),
  /** When it leaves this computer by itself; null when it does not. */
  leavesAt: z.iso.datetime().nullable(),
  /** Why it does not leave although it is old enough, in words. */
  staysBecause: z.string().max(300).nullable(),
});
export type Recording = z.infer<typeof recordingSchema>;

const withRecording = { recording: recordingSchema };

/** Everything that happens to recordings, as told to windows, scripts and the log. */
export const recordingEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('recordingStarted'), ...withRecording }),
  z.object({ type: z.literal('recordingPaused'), ...withRecording }),
  z.object({ type: z.literal('recordingResumed'), ...withRecording }),
  z.object({ type: z.literal('recordingStopping'), ...withRecording }),
  z.object({ type: z.literal('recordingProcessing'), ...withRecording }),
  z.object({ type: z.literal('recordingProgress'), ...withRecording }),
  z.object({ type: z.literal('recordingCompleted'), ...withRecording }),
  z.object({ type: z.literal('recordingFailed'), ...withRecording }),
  z.object({ type: z.literal('recordingChanged'), ...withRecording }),
  z.object({ type: z.literal('thumbnailsGenerated'), ...withRecording }),
  /** How far its upload is; at most twice a second. */
  z.object({ type: z.literal('recordingUploading'), ...withRecording }),
  z.object({ type: z.literal('recordingUploaded'), ...withRecording }),
  z.object({
    type: z.literal('recordingHealth'),
    recordingId: recordingIdSchema,
    callId: callIdSchema,
    elapsedMs: z.number(),
    health: recordingHealthSchema,
    tracks: z.array(trackHealthSchema),
    /** Null until it was looked at, or when the system does not tell. */
    space: diskSpaceSchema.nullable(),
  }),
  z.object({ type: z.literal('recordingDeleted'), recordingId: recordingIdSchema }),
]);
export type RecordingEvent = z.infer<typeof recordingEventSchema>;

/** What the host's window is to record with; first supported type wins, an empty mix list means "whatever there is". */
export const capturePlanSchema = z.object({
  /** Whether a mix of everybody is made beside the files of each person. */
  recordMix: z.boolean(),
  mixMimeTypes: z.array(z.string()),
  cameraMimeTypes: z.array(z.string()),
  soundMimeTypes: z.array(z.string()),
  mixWidth: z.int(),
  mixHeight: z.int(),
  mixFramesPerSecond: z.int(),
  videoBitsPerSecond: z.int(),
  audioBitsPerSecond: z.int(),
  timesliceMs: z.int(),
});
export type CapturePlan = z.infer<typeof capturePlanSchema>;

/** Largest chunk taken in one request, in bytes; 250 ms at 100 Mbit/s is 3 MiB. */
export const MAX_CHUNK_BYTES = 8 * 1024 * 1024;

/** Bytes emitted by one recorder. `atMs` is on the recording's clock, read when the recorder handed the bytes over. */
export const chunkSchema = z.object({
  recordingId: recordingIdSchema,
  trackId: trackIdSchema,
  segment: z.int().min(0),
  lane: laneSchema,
  seq: z.int().min(0),
  crc32: z.int().min(0).max(0xffffffff),
  atMs: z.number().min(0),
  /**
   * When the recorder told that it had begun to write, on the recording's clock: its first frame was there by then. Block
   * times count from that frame, and no chunk says when it was.
   */
  begunAtMs: z.number().min(0).optional(),
  bytes: z.instanceof(Uint8Array),
});
export type Chunk = z.infer<typeof chunkSchema>;

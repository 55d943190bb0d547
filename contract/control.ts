import { z } from 'zod';
import { callRecordingSchema, participantSchema, roleSchema } from './call.ts';
import { errorShapeSchema } from './errors.ts';
import { callIdSchema, recordingIdSchema } from './ids.ts';
import { participantQualitySchema } from './quality.ts';
import {
  deliverableSchema,
  markerSchema,
  recordingHealthSchema,
  recordingSchema,
  recordingStatusSchema,
} from './recording.ts';

/** Where the control API listens; never anywhere else. */
export const CONTROL_HOST = '127.0.0.1';

/** File in the profile by which programs of the same person find the control API. */
export const CONTROL_FILE = 'control.json';

/** Contents of that file. */
export const controlFileSchema = z.object({
  port: z.int().min(1).max(65_535),
  token: z.string().min(32).max(200),
  pid: z.int().min(1),
});
export type ControlFile = z.infer<typeof controlFileSchema>;

/** Largest body of a request, bytes. */
export const MAX_CONTROL_BODY_BYTES = 64 * 1024;

/** How the control API is, for the settings. */
export const controlStatusSchema = z.object({
  state: z.enum(['off', 'starting', 'on', 'failed']),
  port: z.int().nullable(),
  /** Absolute path of control.json; null while the API is not on. */
  file: z.string().nullable(),
  error: errorShapeSchema.nullable(),
  /** Turned on for this run by --control-port, whatever the settings say. */
  byArgument: z.boolean(),
});
export type ControlStatus = z.infer<typeof controlStatusSchema>;

/** Names an identity that acts by a token; the owner of this installation is `owner`. */
export const userIdSchema = z
  .string()
  .min(1)
  .max(80)
  .regex(/^[\w.@-]+$/);
export const OWNER_ID = 'owner';

export const controlParticipantSchema = participantSchema
  .omit({ peerId: true, order: true })
  .extend({ quality: participantQualitySchema.nullable() });

/** A call as programs see it; `role` is the one of this app in it. */
export const controlCallSchema = z.object({
  callId: callIdSchema,
  title: z.string(),
  inviteLink: z.string(),
  role: roleSchema,
  joinedAt: z.iso.datetime(),
  participantLimit: z.int(),
  participants: z.array(controlParticipantSchema),
  recording: callRecordingSchema.nullable(),
});
export type ControlCall = z.infer<typeof controlCallSchema>;

/** The answer to whatever changes a running recording. */
export const runningRecordingSchema = z.object({
  id: recordingIdSchema,
  callId: callIdSchema,
  status: recordingStatusSchema,
  startedAt: z.iso.datetime(),
});
export type RunningRecording = z.infer<typeof runningRecordingSchema>;

/** A recording as programs see it: durations in milliseconds, sizes in bytes, paths absolute. */
export const controlRecordingSchema = z.object({
  id: recordingIdSchema,
  callId: callIdSchema,
  title: z.string(),
  status: recordingStatusSchema,
  /** Null when it is not running. */
  health: recordingHealthSchema.nullable(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  /** The finished mix, or the first finished file where there is no mix; null before, and when the media left this computer. */
  outputPath: z.string().nullable(),
  folder: z.string(),
  /** All of its files. */
  fileSize: z.number(),
  /** Whole milliseconds. */
  duration: z.int(),
  participantNames: z.array(z.string()),
  tracks: recordingSchema.shape.tracks,
  /** None when the media left this computer. */
  deliverables: z.array(deliverableSchema.omit({ file: true }).extend({ path: z.string() })),
  thumbnails: z.array(z.string()),
  markers: z.array(markerSchema),
  notes: z.array(z.string()),
  progress: recordingSchema.shape.progress,
  error: errorShapeSchema.nullable(),
  cloud: recordingSchema.shape.cloud,
  mediaLeftAt: z.iso.datetime().nullable(),
});
export type ControlRecording = z.infer<typeof controlRecordingSchema>;

const latencySchema = z.object({
  /** How many chunks the figures are of: the newest ones. */
  count: z.int(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
});

/** Figures of this run of the app. */
export const controlStatsSchema = z.object({
  recordings: z.record(recordingStatusSchema, z.int()),
  /** Bytes of all recordings on this computer. */
  bytes: z.number(),
  /** Room in the folder for new recordings; null when the system does not tell. */
  diskFreeBytes: z.number().nullable(),
  /** From a chunk's arrival to its acknowledgement, milliseconds; null before the first. */
  chunkLatencyMs: latencySchema.nullable(),
  chunksAcknowledged: z.int(),
  chunksRefused: z.int(),
  uploads: z.object({ queued: z.int(), uploading: z.int(), verified: z.int(), failed: z.int() }),
  /** Pictures of others that arrived in the call and were not shown, since the app started. */
  droppedFrames: z.int(),
  uptimeMs: z.int(),
});
export type ControlStats = z.infer<typeof controlStatsSchema>;

/** A token of an identity for one call. It dies with its time, with its being revoked, and with the app. */
export const issuedTokenSchema = z.object({
  token: z.string(),
  userId: userIdSchema,
  callId: callIdSchema,
  role: roleSchema,
  expiresAt: z.iso.datetime(),
});
export type IssuedToken = z.infer<typeof issuedTokenSchema>;

/** Longest life of an issued token, seconds. */
export const MAX_TOKEN_SECONDS = 24 * 60 * 60;

/** Stream of every recording event, as text/event-stream with ids for Last-Event-ID. */
export const EVENTS_PATH = '/api/events';

/** How every JSON answer looks. */
export const controlErrorSchema = z.object({
  success: z.literal(false),
  error: errorShapeSchema.pick({ code: true, message: true, details: true }),
});
export type ControlError = z.infer<typeof controlErrorSchema>;

import { z } from 'zod';
import { callIdSchema, participantIdSchema, peerIdSchema, recordingIdSchema } from './ids.ts';
import { recordingHealthSchema } from './recording.ts';
import { iceServerSchema } from './settings.ts';

export const nameSchema = z.string().trim().min(1).max(80);

export const roleSchema = z.enum(['host', 'participant']);

export const participantSchema = z.object({
  id: participantIdSchema,
  peerId: peerIdSchema,
  name: nameSchema,
  role: roleSchema,
  microphoneOn: z.boolean(),
  cameraOn: z.boolean(),
  /** Grows by one per join in a room: the later one dials the earlier one. */
  order: z.int().min(0),
  /** False while the room waits for a participant whose connection to the server broke. */
  present: z.boolean(),
});
export type Participant = z.infer<typeof participantSchema>;

export const videoCodecSchema = z.enum(['h264', 'vp8', 'vp9']);
export type VideoCodec = z.infer<typeof videoCodecSchema>;

/** What everybody in a call (and everybody about to join) is told of the recording. */
export const callRecordingSchema = z.object({
  recordingId: recordingIdSchema,
  state: z.enum(['recording', 'paused', 'stopping']),
  health: recordingHealthSchema,
  elapsedMs: z.number().min(0),
  recordedBy: nameSchema,
});
export type CallRecording = z.infer<typeof callRecordingSchema>;

/** What a window needs to reach the other windows of its call. Holds a secret: it is given to the own window only. */
export const peerTicketSchema = z.object({
  peerId: peerIdSchema,
  token: z.string().min(16).max(256),
  host: z.string(),
  port: z.int().min(1).max(65535),
  secure: z.boolean(),
  iceServers: z.array(iceServerSchema),
  videoCodec: videoCodecSchema,
});
export type PeerTicket = z.infer<typeof peerTicketSchema>;

export const callEndReasonSchema = z.enum(['endedByHost', 'left', 'serverGone', 'removed', 'hostGone']);
export type CallEndReason = z.infer<typeof callEndReasonSchema>;

export const callSchema = z.object({
  id: callIdSchema,
  title: z.string().max(200),
  inviteLink: z.string(),
  selfId: participantIdSchema,
  hostId: participantIdSchema,
  role: roleSchema,
  participants: z.array(participantSchema),
  ticket: peerTicketSchema,
  connection: z.enum(['connected', 'reconnecting']),
  /** Wall clock, milliseconds since 1970, when this app entered. */
  joinedAtMs: z.number(),
  /** How many people it takes. */
  participantLimit: z.int().min(1),
  recording: callRecordingSchema.nullable(),
});
export type Call = z.infer<typeof callSchema>;

/** What the lobby may say of a call before anyone joins it. */
export const callPreviewSchema = z.object({
  id: callIdSchema,
  title: z.string(),
  hostName: z.string(),
  participantCount: z.int().min(0),
  full: z.boolean(),
  recording: callRecordingSchema.nullable(),
});
export type CallPreview = z.infer<typeof callPreviewSchema>;

import { z } from 'zod';
import { nameSchema, roleSchema } from './call.ts';
import { callIdSchema, deliverableIdSchema, markerIdSchema, recordingIdSchema, trackIdSchema } from './ids.ts';
import { fileFormatSchema, recordingStatusSchema } from './recording.ts';
import { MESH_LIMIT_WORDS, MESH_PARTICIPANT_LIMIT } from './settings.ts';
import {
  userIdSchema,
  OWNER_ID,
  controlCallSchema,
  runningRecordingSchema,
  controlRecordingSchema,
  controlStatsSchema,
  issuedTokenSchema,
  MAX_TOKEN_SECONDS,
} from './control.ts';

/** Who may use a route: any owner's token; a host of the call; anybody of the call; whoever has a token; whoever comes. */
export type ControlAccess = 'owner' | 'host' | 'member' | 'anyToken' | 'anyone';

const nothing = z.object({});
const ofCall = z.object({ callId: callIdSchema });
const ofRecording = z.object({ recordingId: recordingIdSchema });
const ofBoth = ofCall.extend(ofRecording.shape);

const media = { microphoneOn: z.boolean().optional(), cameraOn: z.boolean().optional() };

type RouteShape = {
  method: 'GET' | 'POST' | 'DELETE';
  /** As fastify and OpenAPI's templates have it, with :name for a part. */
  path: string;
  access: ControlAccess;
  /** One line for the description of the API. */
  summary: string;
  params: z.ZodObject;
  query: z.ZodObject;
  /** Null: the request has no body, and one that it has is refused. */
  body: z.ZodObject | null;
  data: z.ZodType;
  status: 200 | 201;
  /** Takes an Idempotency-Key. */
  idempotent?: true;
};

/** Every route of the control API that answers with JSON. /api/events streams and stands beside (main/control). */
export const controlRoutes = {
  health: {
    method: 'GET',
    path: '/health',
    access: 'anyone',
    summary: 'Whether the app runs.',
    params: nothing,
    query: nothing,
    body: null,
    data: z.object({ status: z.literal('ok'), version: z.string() }),
    status: 200,
  },
  openapi: {
    method: 'GET',
    path: '/api/openapi.json',
    access: 'anyToken',
    summary: 'This description, without the envelope.',
    params: nothing,
    query: nothing,
    body: null,
    data: z.record(z.string(), z.unknown()),
    status: 200,
  },
  createCall: {
    method: 'POST',
    path: '/api/video-calls',
    access: 'owner',
    summary: 'Starts a call with this app as its host.',
    params: nothing,
    query: nothing,
    body: z
      .object({
        /** Empty: the name of the settings. */
        name: nameSchema.optional(),
        title: z.string().max(200).default(''),
        maxParticipants: z.int().min(2).max(MESH_PARTICIPANT_LIMIT, MESH_LIMIT_WORDS).optional(),
        ...media,
      })
      .strict(),
    data: controlCallSchema,
    status: 201,
    idempotent: true,
  },
  joinCall: {
    method: 'POST',
    path: '/api/video-calls/join',
    access: 'owner',
    summary: 'Joins the call of an invite link. A call that is being recorded needs "consented".',
    params: nothing,
    query: nothing,
    body: z
      .object({
        link: z.string().max(2000),
        name: nameSchema.optional(),
        consented: z.boolean().default(false),
        ...media,
      })
      .strict(),
    data: controlCallSchema,
    status: 201,
  },
  listCalls: {
    method: 'GET',
    path: '/api/video-calls',
    access: 'anyToken',
    summary: 'The calls that this token may see: none or one.',
    params: nothing,
    query: nothing,
    body: null,
    data: z.object({ calls: z.array(controlCallSchema) }),
    status: 200,
  },
  getCall: {
    method: 'GET',
    path: '/api/video-calls/:callId',
    access: 'member',
    summary: 'Participants, roles and the quality of the connections.',
    params: ofCall,
    query: nothing,
    body: null,
    data: controlCallSchema,
    status: 200,
  },
  endCall: {
    method: 'POST',
    path: '/api/video-calls/:callId/end',
    access: 'host',
    summary: 'Ends the call for all; a running recording is stopped and saved.',
    params: ofCall,
    query: nothing,
    body: null,
    data: nothing,
    status: 200,
  },
  leaveCall: {
    method: 'POST',
    path: '/api/video-calls/:callId/leave',
    access: 'owner',
    summary: 'Leaves the call; as its host, ends it.',
    params: ofCall,
    query: nothing,
    body: null,
    data: nothing,
    status: 200,
  },
  issueToken: {
    method: 'POST',
    path: '/api/video-calls/:callId/tokens',
    access: 'host',
    summary: 'Gives an identity a token for this call and a role in it, in place of the one it had.',
    params: ofCall,
    query: nothing,
    body: z
      .object({
        userId: userIdSchema.refine((userId) => userId !== OWNER_ID),
        role: roleSchema.default('participant'),
        validSeconds: z.int().min(1).max(MAX_TOKEN_SECONDS).default(MAX_TOKEN_SECONDS),
      })
      .strict(),
    data: issuedTokenSchema,
    status: 201,
  },
  revokeToken: {
    method: 'DELETE',
    path: '/api/video-calls/:callId/tokens/:userId',
    access: 'host',
    summary: "Takes an identity's token away.",
    params: ofCall.extend({ userId: userIdSchema }),
    query: nothing,
    body: null,
    data: nothing,
    status: 200,
  },
  startRecording: {
    method: 'POST',
    path: '/api/video-calls/:callId/recording/start',
    access: 'host',
    summary: 'Starts recording; RECORDING_RUNNING when something is being recorded.',
    params: ofCall,
    query: nothing,
    body: null,
    data: runningRecordingSchema,
    status: 201,
    idempotent: true,
  },
  stopRecording: {
    method: 'POST',
    path: '/api/video-calls/:callId/recording/stop',
    access: 'host',
    summary: 'Stops recording; saving goes on behind the answer.',
    params: ofCall,
    query: nothing,
    body: null,
    data: runningRecordingSchema,
    status: 200,
    idempotent: true,
  },
  pauseRecording: {
    method: 'POST',
    path: '/api/video-calls/:callId/recording/pause',
    access: 'host',
    summary: 'Stops the clock of the recording.',
    params: ofCall,
    query: nothing,
    body: null,
    data: runningRecordingSchema,
    status: 200,
  },
  resumeRecording: {
    method: 'POST',
    path: '/api/video-calls/:callId/recording/resume',
    access: 'host',
    summary: 'Lets the clock of the recording go on.',
    params: ofCall,
    query: nothing,
    body: null,
    data: runningRecordingSchema,
    status: 200,
  },
  addMarker: {
    method: 'POST',
    path: '/api/video-calls/:callId/recording/markers',
    access: 'host',
    summary: 'Drops a marker at this instant of the running recording.',
    params: ofCall,
    query: nothing,
    body: z.object({ name: z.string().trim().max(200).default('') }).strict(),
    data: z.object({ id: markerIdSchema, recordingId: recordingIdSchema, atMs: z.number(), name: z.string() }),
    status: 201,
  },
  getRecording: {
    method: 'GET',
    path: '/api/video-calls/:callId/recording/:recordingId',
    access: 'member',
    summary: 'How a recording is doing and what files it has.',
    params: ofBoth,
    query: nothing,
    body: null,
    data: controlRecordingSchema,
    status: 200,
  },
  deleteRecording: {
    method: 'DELETE',
    path: '/api/video-calls/:callId/recording/:recordingId',
    access: 'host',
    summary: 'Moves a recording into the bin.',
    params: ofBoth,
    query: nothing,
    body: null,
    data: nothing,
    status: 200,
  },
  listRecordings: {
    method: 'GET',
    path: '/api/recordings',
    access: 'owner',
    summary: 'The library, newest first, a page at a time.',
    params: nothing,
    query: z
      .object({
        status: recordingStatusSchema.optional(),
        /** Of its start: from then on, and until then. */
        from: z.iso.datetime({ offset: true }).optional(),
        to: z.iso.datetime({ offset: true }).optional(),
        /** In the title, the people or the markers. */
        q: z.string().trim().max(200).optional(),
        limit: z.coerce.number().int().min(1).max(200).default(50),
        cursor: z.string().min(1).max(200).optional(),
      })
      .strict(),
    body: null,
    data: z.object({ recordings: z.array(controlRecordingSchema), nextCursor: z.string().nullable() }),
    status: 200,
  },
  exportRecording: {
    method: 'POST',
    path: '/api/recordings/:recordingId/export',
    access: 'owner',
    summary: 'A finished file in this format: the one that is there, or an MP4 that is made now.',
    params: ofRecording,
    query: nothing,
    body: z.object({ format: fileFormatSchema, trackId: trackIdSchema.nullable().default(null) }).strict(),
    data: z.object({
      id: deliverableIdSchema,
      format: fileFormatSchema,
      path: z.string(),
      duration: z.int(),
      fileSize: z.number(),
    }),
    status: 200,
  },
  cleanUp: {
    method: 'POST',
    path: '/api/recordings/cleanup',
    access: 'owner',
    summary: 'Moves what ended longer ago than this and may leave into the bin, now; says what it refused and why.',
    params: nothing,
    query: nothing,
    body: z.object({ maxAgeMs: z.int().min(0) }).strict(),
    data: z.object({
      deleted: z.array(recordingIdSchema),
      refused: z.array(z.object({ recordingId: recordingIdSchema, reason: z.string() })),
      freedBytes: z.number(),
    }),
    status: 200,
  },
  stats: {
    method: 'GET',
    path: '/api/stats',
    access: 'owner',
    summary: 'Figures of recordings, disk, chunks, uploads and pictures.',
    params: nothing,
    query: nothing,
    body: null,
    data: controlStatsSchema,
    status: 200,
  },
} as const satisfies Record<string, RouteShape>;

export type ControlRouteName = keyof typeof controlRoutes;
export type ControlParams<N extends ControlRouteName> = z.output<(typeof controlRoutes)[N]['params']>;
export type ControlQuery<N extends ControlRouteName> = z.output<(typeof controlRoutes)[N]['query']>;
export type ControlBody<N extends ControlRouteName> = (typeof controlRoutes)[N]['body'] extends z.ZodType
  ? z.output<(typeof controlRoutes)[N]['body']>
  : null;
export type ControlData<N extends ControlRouteName> = z.output<(typeof controlRoutes)[N]['data']>;

import { z } from 'zod';
import {
  callEndReasonSchema,
  callPreviewSchema,
  callRecordingSchema,
  nameSchema,
  participantSchema,
  videoCodecSchema,
} from './call.ts';
import { callIdSchema, identitySchema, participantIdSchema, peerIdSchema } from './ids.ts';
import { errorShapeSchema } from './errors.ts';

/** Paths of the two doors of the signaling server. `/peerjs` is what the PeerJS client 1.5 appends to its `path: '/'`. */
export const ROOMS_PATH = '/rooms';
export const PEERS_PATH = '/peerjs';

/** Largest frame either door takes, in bytes. An offer with six transceivers stays under 20 KiB. */
export const MAX_FRAME_BYTES = 64 * 1024;

/** Version of the room frames; a server refuses another major version with SIGNALING_REFUSED. */
export const ROOM_PROTOCOL = 2;

const requestId = z.int().min(0);
const secret = z.string().min(16).max(256);
const inviteToken = z.string().min(1).max(1000);
const joinToken = z.string().min(1).max(1000);
const media = { microphoneOn: z.boolean(), cameraOn: z.boolean() };

/** App -> server on `/rooms`. Frames with a requestId are answered by one frame that carries the same id. */
export const roomRequestSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('create'),
    requestId,
    protocol: z.int(),
    name: nameSchema,
    title: z.string().max(200),
    /** How many people the call takes; never more than the server's own limit. */
    participantLimit: z.int().min(1).max(1000),
    videoCodec: videoCodecSchema,
    ...media,
  }),
  /** Answered with a preview and the token that `join` takes. */
  z.object({
    type: z.literal('inspect'),
    requestId,
    protocol: z.int(),
    callId: callIdSchema,
    identity: identitySchema,
    invite: inviteToken,
  }),
  z.object({
    type: z.literal('join'),
    requestId,
    protocol: z.int(),
    callId: callIdSchema,
    /** The one that the token was given to: it is good for no other. One identity has one place; joining again moves it. */
    identity: identitySchema,
    joinToken,
    name: nameSchema,
    /** The person read the notice; without it the server lets nobody into a call that is being recorded (CONFLICT). */
    consented: z.boolean(),
    ...media,
  }),
  /** Takes the place back after a broken connection, with the secret given at `entered`. */
  z.object({
    type: z.literal('resume'),
    requestId,
    protocol: z.int(),
    callId: callIdSchema,
    participantId: participantIdSchema,
    secret,
  }),
  z.object({ type: z.literal('media'), ...media }),
  /** Host only: what everybody is to see on the tally light; null when nothing is recorded. */
  z.object({ type: z.literal('recording'), recording: callRecordingSchema.nullable() }),
  /** Host only: ends the call for all. */
  z.object({ type: z.literal('end'), requestId }),
  /** Host only: takes somebody out; their identity stays out, and every invite given out before is void. */
  z.object({ type: z.literal('remove'), requestId, participantId: participantIdSchema }),
  z.object({ type: z.literal('leave') }),
]);
export type RoomRequest = z.infer<typeof roomRequestSchema>;

export const roomStateSchema = z.object({
  callId: callIdSchema,
  title: z.string(),
  hostId: participantIdSchema,
  participantLimit: z.int().min(1).max(1000),
  videoCodec: videoCodecSchema,
  participants: z.array(participantSchema),
  recording: callRecordingSchema.nullable(),
});
export type RoomState = z.infer<typeof roomStateSchema>;

/** Server -> app on `/rooms`. `from` is set by the server to the sender's own id: receivers check it against the host's. */
export const roomEventSchema = z.discriminatedUnion('type', [
  /** Answer to create, join and resume. `peerToken` is the token of the PeerJS socket. */
  z.object({
    type: z.literal('entered'),
    requestId,
    room: roomStateSchema,
    selfId: participantIdSchema,
    peerId: peerIdSchema,
    secret,
    peerToken: secret,
    invite: inviteToken,
  }),
  /** `joinToken` lets this identity join this call as a participant, for 10 minutes or until somebody is removed. */
  z.object({ type: z.literal('inspected'), requestId, preview: callPreviewSchema, joinToken }),
  z.object({ type: z.literal('done'), requestId }),
  z.object({ type: z.literal('refused'), requestId: requestId.nullable(), error: errorShapeSchema }),
  z.object({ type: z.literal('participantJoined'), participant: participantSchema }),
  z.object({ type: z.literal('participantChanged'), participant: participantSchema }),
  z.object({ type: z.literal('participantLeft'), participantId: participantIdSchema }),
  z.object({ type: z.literal('recording'), from: participantIdSchema, recording: callRecordingSchema.nullable() }),
  /** Somebody was removed: the invites given out before are void, this is the new one. */
  z.object({ type: z.literal('inviteChanged'), from: participantIdSchema, invite: inviteToken }),
  /** `to` null: for all. `from` null: the server itself. `removed` comes from the host to the one it names, and to nobody else. */
  z.object({
    type: z.literal('ended'),
    from: participantIdSchema.nullable(),
    to: participantIdSchema.nullable(),
    reason: callEndReasonSchema,
  }),
]);
export type RoomEvent = z.infer<typeof roomEventSchema>;

const connectionId = z.string().min(1).max(100);
const connectionType = z.enum(['media', 'data']);
const sdp = (type: 'offer' | 'answer') => z.looseObject({ type: z.literal(type), sdp: z.string() });

/**
 * PeerJS client -> server (peerjs 1.5 `lib/enums.ts`, ServerMessageType): only what is relayed or answered.
 * The receiving client believes these fields unread (an unknown serialization throws in it), so they are checked here.
 */
export const peerRequestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('HEARTBEAT') }),
  z.object({
    type: z.literal('OFFER'),
    dst: peerIdSchema,
    payload: z.discriminatedUnion('type', [
      z.looseObject({ type: z.literal('media'), connectionId, sdp: sdp('offer') }),
      z.looseObject({
        type: z.literal('data'),
        connectionId,
        sdp: sdp('offer'),
        serialization: z.enum(['default', 'binary', 'binary-utf8', 'json', 'raw']),
      }),
    ]),
  }),
  z.object({
    type: z.literal('ANSWER'),
    dst: peerIdSchema,
    payload: z.looseObject({ type: connectionType, connectionId, sdp: sdp('answer') }),
  }),
  z.object({
    type: z.literal('CANDIDATE'),
    dst: peerIdSchema,
    // Nothing else passes: PeerJS keeps candidates of connections that it does not know (any more) for ever.
    payload: z.object({
      type: connectionType,
      connectionId,
      candidate: z.object({
        candidate: z.string().max(4096),
        sdpMid: z.string().max(100).nullish(),
        sdpMLineIndex: z.int().min(0).max(1000).nullish(),
        usernameFragment: z.string().max(256).nullish(),
      }),
    }),
  }),
  z.object({
    type: z.enum(['LEAVE', 'EXPIRE']),
    dst: peerIdSchema.optional(),
    payload: z.record(z.string(), z.unknown()).nullish(),
  }),
]);

/** Why a socket of the signaling server was closed (RFC 6455 leaves 4000 to 4999 to applications); 1000 is a plain goodbye. */
export const CLOSE_CODES = {
  /** Either door: too many frames that do not parse. */
  badFrame: 4400,
  /** Peers door: the key, the id or the token of the address is not one of this server. */
  badToken: 4401,
  /** Either door: the host removed this person from the call; coming back is in vain. */
  removed: 4403,
  /** Rooms door: the place was taken up over another connection. Peers door: the id is in use, or was taken up again. */
  replaced: 4409,
  /** Either door: the call is over, or this place in it was given up. */
  callEnded: 4410,
  /** Either door: too many frames, or too many wrong invites, tokens and secrets from this address; wait a minute. */
  tooFast: 4429,
  /** Either door: this address has as many sockets as it may. */
  tooManySockets: 4430,
} as const;

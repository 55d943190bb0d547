import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { assertNever, type ErrorShape } from '../contract/errors.ts';
import { callIdSchema, participantIdSchema, peerIdSchema, type CallId } from '../contract/ids.ts';
import { ROOM_PROTOCOL, roomRequestSchema, type RoomRequest } from '../contract/signaling.ts';
import type { NewSeat } from './room-state.ts';
import type { RoomsInput } from './room-steps.ts';
import { makeSecret, type InviteSigner } from './tokens.ts';

/** What a frame of the rooms door turns into: an input of the rooms, or a refusal for its sender. */
export type RoomDoorAnswer =
  | { kind: 'input'; input: RoomsInput }
  | { kind: 'refused'; requestId: number | null; error: ErrorShape; parsed: boolean };

const requestIdOnly = z.object({ requestId: z.int().min(0) });
const protocolOnly = z.object({ protocol: z.int() });

/** Parses one frame of the rooms door, checks its protocol and invite, and makes the ids and secrets it asks for. */
export function readRoomFrame(
  frame: unknown,
  sender: { connectionId: string; address: string },
  ports: { invites: InviteSigner; inviteLifeMs: number; wallNowMs: () => number },
): RoomDoorAnswer {
  const requestId = requestIdOnly.safeParse(frame).data?.requestId ?? null;
  const protocol = protocolOnly.safeParse(frame).data?.protocol;
  if (protocol !== undefined && protocol !== ROOM_PROTOCOL) {
    const message = `This signaling server speaks version ${ROOM_PROTOCOL}, the app speaks version ${protocol}. Update the older one.`;
    return refused(requestId, { code: 'SIGNALING_REFUSED', message, retryable: false });
  }
  const parsed = roomRequestSchema.safeParse(frame);
  if (!parsed.success) {
    const message = 'The signaling server does not understand this frame.';
    return { ...refused(requestId, { code: 'INVALID_INPUT', message, retryable: false }), parsed: false };
  }
  const request = parsed.data;
  if (request.type === 'inspect' || request.type === 'join') {
    const verdict = ports.invites.verify(request.invite, request.callId, ports.wallNowMs());
    if (verdict !== 'valid') return refused(request.requestId, inviteError(verdict));
  }
  return { kind: 'input', input: toInput(request, sender, ports) };
}

function toInput(
  request: RoomRequest,
  sender: { connectionId: string; address: string },
  ports: { invites: InviteSigner; inviteLifeMs: number; wallNowMs: () => number },
): RoomsInput {
  const { connectionId } = sender;
  switch (request.type) {
    case 'create': {
      const callId: CallId = callIdSchema.parse(randomUUID());
      const invite = ports.invites.sign(callId, ports.wallNowMs() + ports.inviteLifeMs);
      const { type: _type, protocol: _protocol, ...wishes } = request;
      return { kind: 'create', ...sender, callId, invite, ids: newIds(), ...wishes };
    }
    case 'join': {
      const { type: _type, protocol: _protocol, invite: _invite, ...wishes } = request;
      return { kind: 'join', connectionId, ids: newIds(), ...wishes };
    }
    case 'inspect':
      return { kind: 'inspect', connectionId, requestId: request.requestId, callId: request.callId };
    case 'resume': {
      const { type: _type, protocol: _protocol, ...place } = request;
      return { kind: 'resume', connectionId, ...place };
    }
    case 'media':
      return { kind: 'media', connectionId, microphoneOn: request.microphoneOn, cameraOn: request.cameraOn };
    case 'recording':
      return { kind: 'recording', connectionId, recording: request.recording };
    case 'end':
      return { kind: 'end', connectionId, requestId: request.requestId };
    case 'remove': {
      const { type: _type, ...wish } = request;
      return { kind: 'remove', connectionId, ...wish };
    }
    case 'leave':
      return { kind: 'leave', connectionId };
    default:
      return assertNever(request);
  }
}

function newIds(): NewSeat {
  return {
    participantId: participantIdSchema.parse(randomUUID()),
    peerId: peerIdSchema.parse(randomUUID()),
    secret: makeSecret(),
    peerToken: makeSecret(),
  };
}

function inviteError(verdict: 'expired' | 'invalid'): ErrorShape {
  return verdict === 'expired'
    ? { code: 'INVITE_EXPIRED', message: 'This invite link is too old. Ask the host for a new one.', retryable: false }
    : {
        code: 'INVITE_INVALID',
        message: 'The signaling server did not give out this invite link. Ask the host to copy it again.',
        retryable: false,
      };
}

function refused(requestId: number | null, error: ErrorShape): Extract<RoomDoorAnswer, { kind: 'refused' }> {
  return { kind: 'refused', requestId, error, parsed: true };
}

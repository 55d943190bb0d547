import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseUntrusted } from '../contract/parse-untrusted.ts';
import type { Participant } from '../contract/call.ts';
import { assertNever, type ErrorShape } from '../contract/errors.ts';
import { callIdSchema, participantIdSchema, peerIdSchema, type CallId } from '../contract/ids.ts';
import { ROOM_PROTOCOL, roomRequestSchema, type RoomRequest } from '../contract/signaling.ts';
import type { NewSeat, RoomInvite } from './room-state.ts';
import type { RoomsInput } from './room-steps.ts';
import { makeInviteId, makeSecret, type PermitSigner, type Verdict } from './tokens.ts';

/** What a frame of the rooms door turns into: an input of the rooms, or a refusal for its sender. */
export type RoomDoorAnswer =
  | { kind: 'input'; input: RoomsInput }
  /** `guess`: this server signed no such token, so that it counts as a guess of its sender's address. */
  | { kind: 'refused'; requestId: number | null; error: ErrorShape; parsed: boolean; guess: boolean };

type Sender = { connectionId: string; address: string };
type Ports = { permits: PermitSigner; inviteLifeMs: number; joinTokenLifeMs: number; wallNowMs: () => number };

const requestIdOnly = z.object({ requestId: z.int().min(0) });
const protocolOnly = z.object({ protocol: z.int() });

/** All that a join token can make of somebody: the host is who created the call. */
const PARTICIPANT: Participant['role'] = 'participant';

/** Parses one frame of the rooms door, checks its protocol and token, and makes the ids and secrets it asks for. */
export function readRoomFrame(frame: unknown, sender: Sender, ports: Ports): RoomDoorAnswer {
  const requestId = parseUntrusted(requestIdOnly, frame).data?.requestId ?? null;
  const protocol = parseUntrusted(protocolOnly, frame).data?.protocol;
  if (protocol !== undefined && protocol !== ROOM_PROTOCOL) {
    const message = `This signaling server speaks version ${ROOM_PROTOCOL}, the app speaks version ${protocol}. Update the older one.`;
    return refused(requestId, { code: 'SIGNALING_REFUSED', message, retryable: false });
  }
  const parsed = parseUntrusted(roomRequestSchema, frame);
  if (!parsed.success) {
    const message = 'The signaling server does not understand this frame.';
    return { ...refused(requestId, { code: 'INVALID_INPUT', message, retryable: false }), parsed: false };
  }
  return readRequest(parsed.data, sender, ports);
}

function readRequest(request: RoomRequest, sender: Sender, ports: Ports): RoomDoorAnswer {
  const { connectionId } = sender;
  const { permits, wallNowMs } = ports;
  switch (request.type) {
    case 'create': {
      const callId: CallId = callIdSchema.parse(randomUUID());
      const { type: _type, protocol: _protocol, ...wishes } = request;
      return taken({ kind: 'create', ...sender, callId, invite: newInvite(callId, ports), ids: newIds(), ...wishes });
    }
    case 'inspect': {
      const { requestId, callId, identity } = request;
      const verdict = permits.verifyInvite(request.invite, callId, wallNowMs());
      if (verdict.kind !== 'valid') return refusedEntry(requestId, verdict, INVITE_ERRORS);
      const { inviteId } = verdict;
      const scope = { callId, identity, role: PARTICIPANT, inviteId };
      const joinToken = permits.signJoin(scope, wallNowMs() + ports.joinTokenLifeMs);
      return taken({ kind: 'inspect', connectionId, requestId, callId, identity, inviteId, joinToken });
    }
    case 'join': {
      const { type: _type, protocol: _protocol, joinToken, ...wishes } = request;
      const scope = { callId: request.callId, identity: request.identity, role: PARTICIPANT };
      const verdict = permits.verifyJoin(joinToken, scope, wallNowMs());
      if (verdict.kind !== 'valid') return refusedEntry(request.requestId, verdict, JOIN_ERRORS);
      return taken({ kind: 'join', connectionId, inviteId: verdict.inviteId, ids: newIds(), ...wishes });
    }
    case 'resume': {
      const { type: _type, protocol: _protocol, ...place } = request;
      return taken({ kind: 'resume', connectionId, ...place });
    }
    case 'media':
      return taken({ kind: 'media', connectionId, microphoneOn: request.microphoneOn, cameraOn: request.cameraOn });
    case 'recording':
      return taken({ kind: 'recording', connectionId, recording: request.recording });
    case 'end':
      return taken({ kind: 'end', connectionId, requestId: request.requestId });
    case 'remove': {
      const { requestId, participantId } = request;
      // Which call it is, only the rooms know: they take the invite if the sender is its host.
      return taken({
        kind: 'remove',
        connectionId,
        requestId,
        participantId,
        newInvite: (callId) => newInvite(callId, ports),
      });
    }
    case 'leave':
      return taken({ kind: 'leave', connectionId });
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

function newInvite(callId: CallId, { permits, inviteLifeMs, wallNowMs }: Ports): RoomInvite {
  const id = makeInviteId();
  return { id, token: permits.signInvite({ callId, inviteId: id }, wallNowMs() + inviteLifeMs) };
}

type EntryErrors = Record<Exclude<Verdict['kind'], 'valid'>, ErrorShape>;

const INVITE_ERRORS: EntryErrors = {
  expired: {
    code: 'INVITE_EXPIRED',
    message: 'This invite link is too old. Ask the host for a new one.',
    retryable: false,
  },
  invalid: {
    code: 'INVITE_INVALID',
    message: 'The signaling server did not give out this invite link. Ask the host to copy it again.',
    retryable: false,
  },
};

const JOIN_ERRORS: EntryErrors = {
  expired: {
    code: 'INVITE_EXPIRED',
    message: 'Joining took too long. Open the invite link again.',
    retryable: true,
  },
  invalid: {
    code: 'INVITE_INVALID',
    message: 'The signaling server did not let this app into this call. Open the invite link again.',
    retryable: false,
  },
};

function refusedEntry(
  requestId: number,
  verdict: Exclude<Verdict, { kind: 'valid' }>,
  errors: EntryErrors,
): RoomDoorAnswer {
  // An old token was signed once: whoever has it has not guessed.
  return { ...refused(requestId, errors[verdict.kind]), guess: verdict.kind === 'invalid' };
}

function taken(input: RoomsInput): RoomDoorAnswer {
  return { kind: 'input', input };
}

function refused(requestId: number | null, error: ErrorShape): Extract<RoomDoorAnswer, { kind: 'refused' }> {
  return { kind: 'refused', requestId, error, parsed: true, guess: false };
}

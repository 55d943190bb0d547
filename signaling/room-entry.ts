import type { Participant } from '../contract/call.ts';
import type { ErrorCode, ErrorShape } from '../contract/errors.ts';
import type { CallId, Identity } from '../contract/ids.ts';
import { CLOSE_CODES } from '../contract/signaling.ts';
import {
  findSeat,
  isBanned,
  previewOf,
  roomStateOf,
  seatOf,
  withChangedSeat,
  withSeat,
  type NewSeat,
  type Room,
  type RoomsState,
  type Seat,
} from './room-state.ts';
import {
  NOT_IN_CALL,
  refuse,
  REMOVED,
  removeSeat,
  send,
  tellOthers,
  type Media,
  type RoomLimits,
  type RoomsEffect,
  type RoomsInput,
  type RoomsStep,
} from './room-steps.ts';
import { secretsMatch } from './tokens.ts';

/** Tells somebody with a valid invite about the call before joining. */
export function inspect(state: RoomsState, input: Extract<RoomsInput, { kind: 'inspect' }>): RoomsStep {
  const room = state.rooms.get(input.callId);
  if (room === undefined) return refuseUnknown(state, input);
  const shut = shutDoor(room, input);
  if (shut !== null) return refuse(state, input.connectionId, input.requestId, shut);
  const { requestId, joinToken } = input;
  const preview = previewOf(room);
  return { state, effects: [send(input.connectionId, { type: 'inspected', requestId, preview, joinToken })] };
}

/** Makes a call; its creator is the host. */
export function create(
  state: RoomsState,
  input: Extract<RoomsInput, { kind: 'create' }>,
  limits: RoomLimits,
): RoomsStep {
  const { connectionId, requestId } = input;
  if (seatOf(state, connectionId) !== null) return refuseSecondCall(state, connectionId, requestId);
  const rooms = [...state.rooms.values()];
  const fromHere = rooms.filter((room) => room.createdFrom === input.address).length;
  if (rooms.length >= limits.rooms || fromHere >= limits.roomsPerAddress) {
    return refuse(state, connectionId, requestId, {
      code: 'SIGNALING_REFUSED',
      message: 'The signaling server carries as many calls as it can. Try again later.',
      retryable: true,
    });
  }
  if (input.participantLimit > limits.participantsPerRoom) {
    return refuse(state, connectionId, requestId, {
      code: 'INVALID_INPUT',
      message:
        `A call takes at most ${limits.participantsPerRoom} people here, because every app sends its picture to each ` +
        'of the others.',
      retryable: false,
      details: { limit: limits.participantsPerRoom },
    });
  }
  const room: Room = {
    callId: input.callId,
    title: input.title.trim(),
    videoCodec: input.videoCodec,
    invite: input.invite,
    createdFrom: input.address,
    hostId: input.ids.participantId,
    participantLimit: input.participantLimit,
    nextOrder: 1,
    seats: [],
    bans: [],
    recording: null,
  };
  const seat = newSeat(input, null, 'host', 0);
  const next = withSeat(state, room, seat);
  return { state: next, effects: entered(next, requestId, room.callId, seat) };
}

/**
 * Lets somebody with a valid join token in, if there is room and the notice was read. An identity has one place: who joins
 * again, for example because the answer to the first time was lost on its way, gets a new one and gives the old one up.
 */
export function join(state: RoomsState, input: Extract<RoomsInput, { kind: 'join' }>, limits: RoomLimits): RoomsStep {
  const { connectionId, requestId } = input;
  if (seatOf(state, connectionId) !== null) return refuseSecondCall(state, connectionId, requestId);
  const room = state.rooms.get(input.callId);
  if (room === undefined) return refuseUnknown(state, input);
  const shut = shutDoor(room, input);
  if (shut !== null) return refuse(state, connectionId, requestId, shut);
  const before = room.seats.find((seat) => seat.identity === input.identity);
  if (room.seats.length - (before === undefined ? 0 : 1) >= room.participantLimit) {
    return refuse(state, connectionId, requestId, callFull(room, limits));
  }
  // Decided here, where the notice is known at the very moment of entering: a look beforehand could be out of date.
  if (room.recording !== null && !input.consented) {
    return refuse(state, connectionId, requestId, {
      code: 'CONFLICT',
      message: `${room.recording.recordedBy} is recording this call. Read the notice and choose to continue to join.`,
      retryable: true,
      details: { recording: true },
    });
  }
  const cleared = before === undefined ? { state, effects: [] } : giveUpFor(state, room, before);
  const roomNow = cleared.state.rooms.get(room.callId) ?? room;
  const seat = newSeat(input, input.identity, 'participant', roomNow.nextOrder);
  const next = withSeat(cleared.state, { ...roomNow, nextOrder: roomNow.nextOrder + 1 }, seat);
  return {
    state: next,
    effects: [
      ...cleared.effects,
      ...entered(next, requestId, room.callId, seat),
      ...tellOthers(roomNow, seat, { type: 'participantJoined', participant: seat.participant }),
    ],
  };
}

/** Takes the place of somebody who joined anew on another connection. */
function giveUpFor(state: RoomsState, room: Room, before: Seat): RoomsStep {
  const removed = removeSeat(state, room, before, CLOSE_CODES.replaced);
  return { state: removed.state, effects: [...removed.effects, ...closeReplaced(before, 'joined again')] };
}

function closeReplaced(seat: Seat, why: string): RoomsEffect[] {
  return seat.connectionId === null
    ? []
    : [{ kind: 'close', connectionId: seat.connectionId, code: CLOSE_CODES.replaced, why }];
}

/** Why somebody whose token this server did sign stays outside all the same; null when nothing speaks against them. */
function shutDoor(room: Room, asker: { identity: Identity; inviteId: string }): ErrorShape | null {
  if (isBanned(room, asker.identity)) return REMOVED;
  if (asker.inviteId === room.invite.id) return null;
  const message = 'The host replaced this invite link when somebody was removed. Ask the host for the new one.';
  return { code: 'INVITE_INVALID', message, retryable: false };
}

function callFull(room: Room, limits: RoomLimits): ErrorShape {
  const why =
    room.participantLimit < limits.participantsPerRoom
      ? `its host set it for ${room.participantLimit} people`
      : `it takes ${room.participantLimit} people, because every app sends its picture to each of the others`;
  return {
    code: 'CALL_FULL',
    message: `This call is full: ${why}. Ask someone to leave, then try again.`,
    retryable: true,
    details: { limit: room.participantLimit },
  };
}

/** Gives a place back to the one who knows its secret. */
export function resume(state: RoomsState, input: Extract<RoomsInput, { kind: 'resume' }>): RoomsStep {
  const { connectionId, requestId } = input;
  if (seatOf(state, connectionId) !== null) return refuseSecondCall(state, connectionId, requestId);
  const known = state.rooms.get(input.callId);
  if (known === undefined) {
    const { code, error } = unknownCall(state, input.callId);
    if (code === 'CALL_ENDED') return refuse(state, connectionId, requestId, error);
    return { state, effects: [{ kind: 'refuseGuess', connectionId, requestId, error }] };
  }
  const ban = known.bans.find(({ participantId }) => participantId === input.participantId);
  if (ban !== undefined && secretsMatch(input.secret, ban.secret)) {
    return refuse(state, connectionId, requestId, REMOVED);
  }
  const place = findSeat(state, input);
  // One answer for a wrong secret and for a place that was given up: neither tells who is in the call.
  if (place === null || !secretsMatch(input.secret, place.seat.secret)) {
    return { state, effects: [{ kind: 'refuseGuess', connectionId, requestId, error: NOT_IN_CALL }] };
  }
  const { room, seat } = place;
  const participant: Participant = { ...seat.participant, present: true };
  const back: Seat = { ...seat, participant, connectionId, brokenAtMs: null };
  const next = withChangedSeat(state, room, seat, back);
  const effects = [...closeReplaced(seat, 'resumed elsewhere'), ...entered(next, requestId, room.callId, back)];
  if (!seat.participant.present) {
    effects.push(...tellOthers(room, seat, { type: 'participantChanged', participant }));
  }
  return { state: next, effects };
}

function newSeat(
  input: { connectionId: string; ids: NewSeat; name: string } & Media,
  identity: Identity | null,
  role: Participant['role'],
  order: number,
): Seat {
  return {
    participant: {
      id: input.ids.participantId,
      peerId: input.ids.peerId,
      name: input.name.trim(),
      role,
      microphoneOn: input.microphoneOn,
      cameraOn: input.cameraOn,
      order,
      present: true,
    },
    identity,
    secret: input.ids.secret,
    peerToken: input.ids.peerToken,
    connectionId: input.connectionId,
    brokenAtMs: null,
  };
}

function entered(state: RoomsState, requestId: number, callId: CallId, seat: Seat): RoomsEffect[] {
  const room = state.rooms.get(callId);
  if (room === undefined || seat.connectionId === null) return [];
  return [
    send(seat.connectionId, {
      type: 'entered',
      requestId,
      room: roomStateOf(room),
      selfId: seat.participant.id,
      peerId: seat.participant.peerId,
      secret: seat.secret,
      peerToken: seat.peerToken,
      invite: room.invite.token,
    }),
  ];
}

function refuseSecondCall(state: RoomsState, connectionId: string, requestId: number): RoomsStep {
  const message = 'This connection is in a call already.';
  return refuse(state, connectionId, requestId, { code: 'ALREADY_IN_CALL', message, retryable: false });
}

function refuseUnknown(
  state: RoomsState,
  input: { connectionId: string; requestId: number; callId: CallId },
): RoomsStep {
  return refuse(state, input.connectionId, input.requestId, unknownCall(state, input.callId).error);
}

function unknownCall(state: RoomsState, callId: CallId): { code: ErrorCode; error: ErrorShape } {
  const reason = state.ended.get(callId);
  const code: ErrorCode = reason === undefined ? 'CALL_NOT_FOUND' : 'CALL_ENDED';
  const message =
    reason === undefined
      ? 'The signaling server does not know this call. Ask the host for a new invite link.'
      : 'This call is over. Ask the host for a new invite link.';
  const details = reason === undefined ? {} : { details: { reason } };
  return { code, error: { code, message, retryable: false, ...details } };
}

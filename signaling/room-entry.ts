import type { Participant } from '../contract/call.ts';
import type { ErrorCode } from '../contract/errors.ts';
import type { CallId } from '../contract/ids.ts';
import { CLOSE_CODES } from '../contract/signaling.ts';
import {
  findSeat,
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
  const preview = previewOf(room);
  return { state, effects: [send(input.connectionId, { type: 'inspected', requestId: input.requestId, preview })] };
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
    recording: null,
  };
  const seat = newSeat(input, 'host', 0);
  const next = withSeat(state, room, seat);
  return { state: next, effects: entered(next, requestId, room.callId, seat) };
}

/** Lets somebody with a valid invite in, if there is room and the notice was read. */
export function join(state: RoomsState, input: Extract<RoomsInput, { kind: 'join' }>): RoomsStep {
  const { connectionId, requestId } = input;
  if (seatOf(state, connectionId) !== null) return refuseSecondCall(state, connectionId, requestId);
  const room = state.rooms.get(input.callId);
  if (room === undefined) return refuseUnknown(state, input);
  if (room.seats.length >= room.participantLimit) {
    return refuse(state, connectionId, requestId, {
      code: 'CALL_FULL',
      message:
        `This call is full: it takes ${room.participantLimit} people, because every app sends its picture ` +
        'to each of the others. Ask someone to leave, then try again.',
      retryable: true,
      details: { limit: room.participantLimit },
    });
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
  const seat = newSeat(input, 'participant', room.nextOrder);
  const next = withSeat(state, { ...room, nextOrder: room.nextOrder + 1 }, seat);
  return {
    state: next,
    effects: [
      ...entered(next, requestId, room.callId, seat),
      ...tellOthers(room, seat, { type: 'participantJoined', participant: seat.participant }),
    ],
  };
}

/** Gives a place back to the one who knows its secret. */
export function resume(state: RoomsState, input: Extract<RoomsInput, { kind: 'resume' }>): RoomsStep {
  const { connectionId, requestId } = input;
  if (seatOf(state, connectionId) !== null) return refuseSecondCall(state, connectionId, requestId);
  if (!state.rooms.has(input.callId)) return refuseUnknown(state, input);
  const place = findSeat(state, input);
  // One answer for a wrong secret and for a place that was given up: neither tells who is in the call.
  if (place === null || !secretsMatch(input.secret, place.seat.secret)) {
    return refuse(state, connectionId, requestId, NOT_IN_CALL);
  }
  const { room, seat } = place;
  const participant: Participant = { ...seat.participant, present: true };
  const back: Seat = { ...seat, participant, connectionId, brokenAtMs: null };
  const next = withChangedSeat(state, room, seat, back);
  const effects: RoomsEffect[] = [];
  if (seat.connectionId !== null) {
    effects.push({
      kind: 'close',
      connectionId: seat.connectionId,
      code: CLOSE_CODES.replaced,
      why: 'resumed elsewhere',
    });
  }
  effects.push(...entered(next, requestId, room.callId, back));
  if (!seat.participant.present) {
    effects.push(...tellOthers(room, seat, { type: 'participantChanged', participant }));
  }
  return { state: next, effects };
}

function newSeat(
  input: { connectionId: string; ids: NewSeat; name: string } & Media,
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
      invite: room.invite,
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
  const reason = state.ended.get(input.callId);
  const code: ErrorCode = reason === undefined ? 'CALL_NOT_FOUND' : 'CALL_ENDED';
  const message =
    reason === undefined
      ? 'The signaling server does not know this call. Ask the host for a new invite link.'
      : 'This call is over. Ask the host for a new invite link.';
  const details = reason === undefined ? {} : { details: { reason } };
  return refuse(state, input.connectionId, input.requestId, { code, message, retryable: false, ...details });
}

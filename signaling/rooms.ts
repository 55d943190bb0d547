import type { CallEndReason, Participant } from '../contract/call.ts';
import { assertNever } from '../contract/errors.ts';
import { CLOSE_CODES } from '../contract/signaling.ts';
import { create, inspect, join, resume } from './room-entry.ts';
import { removePerson } from './room-removal.ts';
import { seatOf, withChangedSeat, withoutRoom, withRoom, type Room, type RoomsState, type Seat } from './room-state.ts';
import {
  NOT_IN_CALL,
  refuse,
  removeSeat,
  send,
  tellOthers,
  type RoomLimits,
  type RoomsEffect,
  type RoomsInput,
  type RoomsStep,
} from './room-steps.ts';

/** The rules of all calls: who gets in, who may do what, who is told. */
export function reduceRooms(state: RoomsState, input: RoomsInput, limits: RoomLimits): RoomsStep {
  switch (input.kind) {
    case 'create':
      return create(state, input, limits);
    case 'inspect':
      return inspect(state, input);
    case 'join':
      return join(state, input, limits);
    case 'resume':
      return resume(state, input);
    case 'media':
      return changeMedia(state, input);
    case 'recording': {
      const place = hostPlace(state, input.connectionId, null);
      if ('effects' in place) return place;
      const { room, seat } = place;
      return {
        state: withRoom(state, { ...room, recording: input.recording }),
        effects: tellOthers(room, seat, {
          type: 'recording',
          from: seat.participant.id,
          recording: input.recording,
        }),
      };
    }
    case 'end': {
      const place = hostPlace(state, input.connectionId, input.requestId);
      if ('effects' in place) return place;
      const answer = send(input.connectionId, { type: 'done', requestId: input.requestId });
      const over = endRoom(state, place.room, place.seat, 'endedByHost', limits);
      return { state: over.state, effects: [answer, ...over.effects] };
    }
    case 'remove': {
      const place = hostPlace(state, input.connectionId, input.requestId);
      if ('effects' in place) return place;
      return removePerson(state, place, input, limits);
    }
    case 'leave': {
      const place = seatOf(state, input.connectionId);
      if (place === null) return refuse(state, input.connectionId, null, NOT_IN_CALL);
      const { room, seat } = place;
      if (seat.participant.role === 'host') return endRoom(state, room, seat, 'endedByHost', limits);
      const bye: RoomsEffect = { kind: 'close', connectionId: input.connectionId, code: 1000, why: 'left' };
      const left = removeSeat(state, room, seat);
      return { state: left.state, effects: [...left.effects, bye] };
    }
    case 'broken': {
      const place = seatOf(state, input.connectionId);
      if (place === null) return { state, effects: [] };
      const { room, seat } = place;
      const participant: Participant = { ...seat.participant, present: false };
      const away: Seat = { ...seat, participant, connectionId: null, brokenAtMs: input.nowMs };
      return {
        state: withChangedSeat(state, room, seat, away),
        effects: tellOthers(room, seat, { type: 'participantChanged', participant }),
      };
    }
    case 'tick':
      return removeOverdue(state, input.nowMs, limits);
    case 'shutDown': {
      const steps: RoomsStep = { state, effects: [] };
      for (const room of state.rooms.values()) {
        const over = endRoom(steps.state, room, null, 'serverGone', limits);
        steps.state = over.state;
        steps.effects.push(...over.effects);
      }
      return steps;
    }
    default:
      return assertNever(input);
  }
}

function changeMedia(state: RoomsState, input: Extract<RoomsInput, { kind: 'media' }>): RoomsStep {
  const place = seatOf(state, input.connectionId);
  if (place === null) return refuse(state, input.connectionId, null, NOT_IN_CALL);
  const { room, seat } = place;
  const { microphoneOn, cameraOn } = input;
  if (seat.participant.microphoneOn === microphoneOn && seat.participant.cameraOn === cameraOn) {
    return { state, effects: [] };
  }
  const participant: Participant = { ...seat.participant, microphoneOn, cameraOn };
  return {
    state: withChangedSeat(state, room, seat, { ...seat, participant }),
    effects: tellOthers(room, seat, { type: 'participantChanged', participant }),
  };
}

/** Removes everybody whose grace is over; a host who does not come back ends the call. */
function removeOverdue(state: RoomsState, nowMs: number, limits: RoomLimits): RoomsStep {
  const steps: RoomsStep = { state, effects: [] };
  const take = (step: RoomsStep): void => {
    steps.state = step.state;
    steps.effects.push(...step.effects);
  };
  for (const callId of state.rooms.keys()) {
    const overdue = state.rooms
      .get(callId)
      ?.seats.filter((seat) => seat.brokenAtMs !== null && nowMs - seat.brokenAtMs >= limits.graceMs);
    for (const seat of overdue ?? []) {
      const room = steps.state.rooms.get(callId);
      if (room === undefined) break;
      take(
        seat.participant.role === 'host'
          ? endRoom(steps.state, room, seat, 'hostGone', limits)
          : removeSeat(steps.state, room, seat),
      );
    }
  }
  return steps;
}

/** Ends a call for all; `by` is the host who did it or is gone, null when the server itself goes. */
function endRoom(state: RoomsState, room: Room, by: Seat | null, reason: CallEndReason, limits: RoomLimits): RoomsStep {
  const from = reason === 'endedByHost' && by !== null ? by.participant.id : null;
  const effects: RoomsEffect[] = tellOthers(room, by, { type: 'ended', from, to: null, reason });
  for (const seat of room.seats) {
    effects.push({ kind: 'dropPeer', peerId: seat.participant.peerId, code: CLOSE_CODES.callEnded });
    if (seat.connectionId !== null) {
      effects.push({ kind: 'close', connectionId: seat.connectionId, code: CLOSE_CODES.callEnded, why: reason });
    }
  }
  return { state: withoutRoom(state, room, reason, limits.rememberedCalls), effects };
}

/** The host's room and seat, or the refusal of somebody who is not the host. */
function hostPlace(
  state: RoomsState,
  connectionId: string,
  requestId: number | null,
): { room: Room; seat: Seat } | RoomsStep {
  const place = seatOf(state, connectionId);
  if (place === null) return refuse(state, connectionId, requestId, NOT_IN_CALL);
  if (place.seat.participant.role === 'host') return place;
  const message = 'Only the host of the call can do this.';
  return refuse(state, connectionId, requestId, { code: 'NOT_HOST', message, retryable: false });
}

import type { CallRecording, VideoCodec } from '../contract/call.ts';
import type { ErrorShape } from '../contract/errors.ts';
import type { CallId, Identity, ParticipantId, PeerId } from '../contract/ids.ts';
import { CLOSE_CODES, type RoomEvent } from '../contract/signaling.ts';
import type { SignalingLimits } from './limits.ts';
import { withoutSeat, type NewSeat, type Room, type RoomInvite, type RoomsState, type Seat } from './room-state.ts';

export type Media = { microphoneOn: boolean; cameraOn: boolean };

/**
 * What can happen to the calls of a server. The tokens of `inspect` and `join` were verified before they get here: `inviteId`
 * is the invite that they come from, `joinToken` what an `inspect` is answered with when that one is still good.
 */
export type RoomsInput =
  | ({
      kind: 'create';
      connectionId: string;
      requestId: number;
      address: string;
      callId: CallId;
      invite: RoomInvite;
      ids: NewSeat;
      name: string;
      title: string;
      participantLimit: number;
      videoCodec: VideoCodec;
    } & Media)
  | {
      kind: 'inspect';
      connectionId: string;
      requestId: number;
      callId: CallId;
      identity: Identity;
      inviteId: string;
      joinToken: string;
    }
  | ({
      kind: 'join';
      connectionId: string;
      requestId: number;
      callId: CallId;
      identity: Identity;
      inviteId: string;
      ids: NewSeat;
      name: string;
      consented: boolean;
    } & Media)
  | {
      kind: 'resume';
      connectionId: string;
      requestId: number;
      callId: CallId;
      participantId: ParticipantId;
      secret: string;
    }
  | ({ kind: 'media'; connectionId: string } & Media)
  | { kind: 'recording'; connectionId: string; recording: CallRecording | null }
  | { kind: 'end'; connectionId: string; requestId: number }
  | {
      kind: 'remove';
      connectionId: string;
      requestId: number;
      participantId: ParticipantId;
      newInvite: (callId: CallId) => RoomInvite;
    }
  | { kind: 'leave'; connectionId: string }
  | { kind: 'broken'; connectionId: string; nowMs: number }
  | { kind: 'tick'; nowMs: number }
  | { kind: 'shutDown' };

/** What the server is to do after an input, in this order. */
export type RoomsEffect =
  | { kind: 'send'; connectionId: string; frame: RoomEvent }
  /** A wrong secret or an unknown call, which may be a guess: answered like this unless there were too many from there. */
  | { kind: 'refuseGuess'; connectionId: string; requestId: number; error: ErrorShape }
  | { kind: 'close'; connectionId: string; code: number; why: string }
  /** The peer's place is gone: its PeerJS socket is closed. */
  | { kind: 'dropPeer'; peerId: PeerId; code: number };

export type RoomsStep = { state: RoomsState; effects: RoomsEffect[] };

export type RoomLimits = Pick<
  SignalingLimits,
  'participantsPerRoom' | 'rooms' | 'roomsPerAddress' | 'rememberedCalls' | 'graceMs' | 'bansPerRoom'
>;

/** The answer to somebody without a place; it does not tell whether there ever was one. */
export const NOT_IN_CALL: ErrorShape = {
  code: 'NOT_IN_CALL',
  message: 'You are not in this call (any more).',
  retryable: false,
};

/** The answer to somebody whom the host removed, whatever they come back with. */
export const REMOVED: ErrorShape = {
  code: 'REMOVED_FROM_CALL',
  message: 'The host removed you from this call.',
  retryable: false,
};

/** The same frame for everybody in the room but one. */
export function tellOthers(room: Room, except: Seat | null, frame: RoomEvent): RoomsEffect[] {
  return room.seats.flatMap((seat) =>
    seat.connectionId === null || seat.participant.id === except?.participant.id
      ? []
      : [send(seat.connectionId, frame)],
  );
}

/** One frame for one connection. */
export function send(connectionId: string, frame: RoomEvent): RoomsEffect {
  return { kind: 'send', connectionId, frame };
}

/** The answer to somebody who may not do what they asked for. */
export function refuse(
  state: RoomsState,
  connectionId: string,
  requestId: number | null,
  error: ErrorShape,
): RoomsStep {
  return { state, effects: [send(connectionId, { type: 'refused', requestId, error })] };
}

/** Takes somebody out of a room: their PeerJS socket goes, the others are told. */
export function removeSeat(state: RoomsState, room: Room, seat: Seat, code: number = CLOSE_CODES.callEnded): RoomsStep {
  return {
    state: withoutSeat(state, room, seat),
    effects: [
      { kind: 'dropPeer', peerId: seat.participant.peerId, code },
      ...tellOthers(room, seat, { type: 'participantLeft', participantId: seat.participant.id }),
    ],
  };
}

import type { CallRecording, VideoCodec } from '../contract/call.ts';
import type { ErrorShape } from '../contract/errors.ts';
import type { CallId, ParticipantId, PeerId } from '../contract/ids.ts';
import type { RoomEvent } from '../contract/signaling.ts';
import type { SignalingLimits } from './limits.ts';
import type { NewSeat, Room, RoomsState, Seat } from './room-state.ts';

export type Media = { microphoneOn: boolean; cameraOn: boolean };

/** What can happen to the calls of a server. Invite tokens were verified before `inspect` and `join` get here. */
export type RoomsInput =
  | ({
      kind: 'create';
      connectionId: string;
      requestId: number;
      address: string;
      callId: CallId;
      invite: string;
      ids: NewSeat;
      name: string;
      title: string;
      participantLimit: number;
      videoCodec: VideoCodec;
    } & Media)
  | { kind: 'inspect'; connectionId: string; requestId: number; callId: CallId }
  | ({
      kind: 'join';
      connectionId: string;
      requestId: number;
      callId: CallId;
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
  | { kind: 'remove'; connectionId: string; requestId: number; participantId: ParticipantId }
  | { kind: 'leave'; connectionId: string }
  | { kind: 'broken'; connectionId: string; nowMs: number }
  | { kind: 'tick'; nowMs: number }
  | { kind: 'shutDown' };

/** What the server is to do after an input, in this order. */
export type RoomsEffect =
  | { kind: 'send'; connectionId: string; frame: RoomEvent }
  | { kind: 'close'; connectionId: string; code: number; why: string }
  /** The peer's place is gone: its PeerJS socket is closed. */
  | { kind: 'dropPeer'; peerId: PeerId };

export type RoomsStep = { state: RoomsState; effects: RoomsEffect[] };

export type RoomLimits = Pick<
  SignalingLimits,
  'participantsPerRoom' | 'rooms' | 'roomsPerAddress' | 'rememberedCalls' | 'graceMs'
>;

/** The answer to somebody without a place; it does not tell whether there ever was one. */
export const NOT_IN_CALL: ErrorShape = {
  code: 'NOT_IN_CALL',
  message: 'You are not in this call (any more).',
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

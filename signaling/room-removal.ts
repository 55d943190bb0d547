import { CLOSE_CODES } from '../contract/signaling.ts';
import type { Ban, Room, RoomInvite, RoomsState, Seat } from './room-state.ts';
import {
  refuse,
  removeSeat,
  send,
  tellOthers,
  type RoomLimits,
  type RoomsEffect,
  type RoomsInput,
  type RoomsStep,
} from './room-steps.ts';

/**
 * The host takes somebody out for good. Their identity is banned; and because a hostile app can invent a new one, the invite is
 * renewed: every invite and join token given out before is void, while people in the call keep their places by their secrets.
 */
export function removePerson(
  state: RoomsState,
  host: { room: Room; seat: Seat },
  input: Extract<RoomsInput, { kind: 'remove' }>,
  limits: RoomLimits,
): RoomsStep {
  const { room } = host;
  const { connectionId, requestId } = input;
  const seat = room.seats.find(({ participant }) => participant.id === input.participantId);
  if (seat === undefined || seat === host.seat) {
    return refuse(state, connectionId, requestId, {
      code: 'NOT_FOUND',
      message: 'Nobody else with this id is in the call.',
      retryable: false,
    });
  }
  const invite = input.newInvite(room.callId);
  const from = host.seat.participant.id;
  const gone = removeSeat(state, withBan(room, seat, invite, limits.bansPerRoom), seat, CLOSE_CODES.removed);
  return {
    state: gone.state,
    effects: [
      ...goodbye(seat, from),
      ...gone.effects,
      ...tellOthers(room, seat, { type: 'inviteChanged', from, invite: invite.token }),
      // Last, so that the host's app knows all of it when it hears that it is done.
      send(connectionId, { type: 'done', requestId }),
    ],
  };
}

/** The ban that is forgotten first is the oldest; what keeps that one out is the invite, of which theirs is long void. */
function withBan(room: Room, seat: Seat, invite: RoomInvite, bansPerRoom: number): Room {
  const ban: Ban = {
    participantId: seat.participant.id,
    peerId: seat.participant.peerId,
    identity: seat.identity,
    secret: seat.secret,
    peerToken: seat.peerToken,
  };
  return { ...room, invite, bans: [...room.bans, ban].slice(-bansPerRoom) };
}

function goodbye({ connectionId, participant }: Seat, from: Seat['participant']['id']): RoomsEffect[] {
  if (connectionId === null) return [];
  return [
    send(connectionId, { type: 'ended', from, to: participant.id, reason: 'removed' }),
    { kind: 'close', connectionId, code: CLOSE_CODES.removed, why: 'removed by the host' },
  ];
}

import type { CallEndReason, CallPreview, CallRecording, Participant, VideoCodec } from '../contract/call.ts';
import type { CallId, Identity, ParticipantId, PeerId } from '../contract/ids.ts';
import type { RoomState } from '../contract/signaling.ts';

/** Ids and secrets of one place in a room; the server makes them, nobody brings their own. */
export type NewSeat = { participantId: ParticipantId; peerId: PeerId; secret: string; peerToken: string };

/** One place in a room; it outlives its connection for the grace period. */
export type Seat = {
  participant: Participant;
  /** Who joined; null for the host, who takes the place back by its secret only and cannot be removed. Told to nobody. */
  identity: Identity | null;
  secret: string;
  peerToken: string;
  connectionId: string | null;
  /** When the connection broke; null while there is one. */
  brokenAtMs: number | null;
};

/** The invite of a call that is good now; one with another name is void. */
export type RoomInvite = { id: string; token: string };

/** Somebody whom the host removed, with everything by which they could try to come back. */
export type Ban = {
  participantId: ParticipantId;
  peerId: PeerId;
  identity: Identity | null;
  secret: string;
  peerToken: string;
};

/** One call as the server knows it. */
export type Room = {
  callId: CallId;
  title: string;
  videoCodec: VideoCodec;
  invite: RoomInvite;
  /** Address of the creator, for the limit of rooms per address. */
  createdFrom: string;
  hostId: ParticipantId;
  participantLimit: number;
  nextOrder: number;
  seats: readonly Seat[];
  /** Oldest first. */
  bans: readonly Ban[];
  recording: CallRecording | null;
};

/** All calls of the server, with two indexes: who sits on a connection, and where a peer belongs. */
export type RoomsState = {
  rooms: ReadonlyMap<CallId, Room>;
  seatOfConnection: ReadonlyMap<string, { callId: CallId; participantId: ParticipantId }>;
  seatOfPeer: ReadonlyMap<PeerId, { callId: CallId; participantId: ParticipantId }>;
  /** Why the last calls ended, oldest first. */
  ended: ReadonlyMap<CallId, CallEndReason>;
};

/** A server without calls. */
export const NO_ROOMS: RoomsState = {
  rooms: new Map(),
  seatOfConnection: new Map(),
  seatOfPeer: new Map(),
  ended: new Map(),
};

/** The room and the seat of a connection, or null when it entered none. */
export function seatOf(state: RoomsState, connectionId: string): { room: Room; seat: Seat } | null {
  const place = state.seatOfConnection.get(connectionId);
  return place === undefined ? null : findSeat(state, place);
}

/** The room and the seat that a peer id belongs to, or null for an id that this server did not give out. */
export function seatOfPeer(state: RoomsState, peerId: PeerId): { room: Room; seat: Seat } | null {
  const place = state.seatOfPeer.get(peerId);
  return place === undefined ? null : findSeat(state, place);
}

/** The room and the seat of a participant. */
export function findSeat(
  state: RoomsState,
  place: { callId: CallId; participantId: ParticipantId },
): { room: Room; seat: Seat } | null {
  const room = state.rooms.get(place.callId);
  const seat = room?.seats.find((candidate) => candidate.participant.id === place.participantId);
  return room === undefined || seat === undefined ? null : { room, seat };
}

/** Whether this identity was removed from the room. */
export function isBanned(room: Room, identity: Identity): boolean {
  return room.bans.some((ban) => ban.identity === identity);
}

/** What is remembered of a removed peer, or null. */
export function banOfPeer(state: RoomsState, peerId: PeerId): Ban | null {
  for (const { bans } of state.rooms.values()) {
    const ban = bans.find((candidate) => candidate.peerId === peerId);
    if (ban !== undefined) return ban;
  }
  return null;
}

/** What everybody in a room may know of it. */
export function roomStateOf(room: Room): RoomState {
  return {
    callId: room.callId,
    title: room.title,
    hostId: room.hostId,
    participantLimit: room.participantLimit,
    videoCodec: room.videoCodec,
    participants: room.seats.map((seat) => seat.participant),
    recording: room.recording,
  };
}

/** What someone with an invite may know before joining. */
export function previewOf(room: Room): CallPreview {
  return {
    id: room.callId,
    title: room.title,
    hostName: room.seats.find((seat) => seat.participant.id === room.hostId)?.participant.name ?? '',
    participantCount: room.seats.length,
    full: room.seats.length >= room.participantLimit,
    recording: room.recording,
  };
}

/** The state with one room replaced. */
export function withRoom(state: RoomsState, room: Room): RoomsState {
  return { ...state, rooms: new Map(state.rooms).set(room.callId, room) };
}

/** The state with a seat added to a room (new or known) and both indexes grown by it. */
export function withSeat(state: RoomsState, room: Room, seat: Seat): RoomsState {
  const place = { callId: room.callId, participantId: seat.participant.id };
  const seatOfConnection = new Map(state.seatOfConnection);
  if (seat.connectionId !== null) seatOfConnection.set(seat.connectionId, place);
  return {
    ...withRoom(state, { ...room, seats: [...room.seats, seat] }),
    seatOfConnection,
    seatOfPeer: new Map(state.seatOfPeer).set(seat.participant.peerId, place),
  };
}

/** The state with a seat of a room changed: its connection index follows. */
export function withChangedSeat(state: RoomsState, room: Room, before: Seat, after: Seat): RoomsState {
  const changed = withRoom(state, { ...room, seats: room.seats.map((seat) => (seat === before ? after : seat)) });
  if (before.connectionId === after.connectionId) return changed;
  const seatOfConnection = new Map(state.seatOfConnection);
  if (before.connectionId !== null) seatOfConnection.delete(before.connectionId);
  if (after.connectionId !== null) {
    seatOfConnection.set(after.connectionId, { callId: room.callId, participantId: after.participant.id });
  }
  return { ...changed, seatOfConnection };
}

/** The state without one seat of a room. */
export function withoutSeat(state: RoomsState, room: Room, gone: Seat): RoomsState {
  return {
    ...withRoom(state, { ...room, seats: room.seats.filter((seat) => seat !== gone) }),
    ...withoutIndexes(state, [gone]),
  };
}

/** The state without a room; why it ended is kept for late returns, up to a number of calls. */
export function withoutRoom(state: RoomsState, room: Room, reason: CallEndReason, rememberedCalls: number): RoomsState {
  const rooms = new Map(state.rooms);
  rooms.delete(room.callId);
  const ended = new Map(state.ended).set(room.callId, reason);
  for (const oldest of ended.keys()) {
    if (ended.size <= rememberedCalls) break;
    ended.delete(oldest);
  }
  return { rooms, ended, ...withoutIndexes(state, room.seats) };
}

function withoutIndexes(
  state: RoomsState,
  seats: readonly Seat[],
): Pick<RoomsState, 'seatOfConnection' | 'seatOfPeer'> {
  const seatOfConnection = new Map(state.seatOfConnection);
  const seatOfPeer = new Map(state.seatOfPeer);
  for (const seat of seats) {
    if (seat.connectionId !== null) seatOfConnection.delete(seat.connectionId);
    seatOfPeer.delete(seat.participant.peerId);
  }
  return { seatOfConnection, seatOfPeer };
}

import { PEERS_PATH, ROOMS_PATH, type RoomEvent } from '../../contract/signaling.ts';
import { createFrame, joinBy, ofType, openRaw, peerFrame, type RawSocket } from '../support/room-sockets.ts';

type Entered = Extract<RoomEvent, { type: 'entered' }>;

/** Somebody's place in a room, by raw sockets. */
export type Seat = { room: RawSocket; entered: Entered; identity: string };

/** A server's port, and the address to come from: one address may not have many sockets. */
export type Door = { port: number; localAddress?: string };

/** Opens a socket of the rooms door. */
export function openRooms({ port, localAddress }: Door): Promise<RawSocket> {
  return openRaw(`ws://127.0.0.1:${port}${ROOMS_PATH}`, localAddress === undefined ? {} : { localAddress });
}

/** Makes a room and is its host. */
export async function createRoom(door: Door, name = 'Ada'): Promise<Seat> {
  const room = await openRooms(door);
  room.send(createFrame(name));
  return { room, entered: await room.next(ofType('entered')), identity: '' };
}

/** Joins the room of a host. */
export async function enterRoom(door: Door, host: Seat, identity: string, name = 'Ben'): Promise<Seat> {
  const room = await openRooms(door);
  const { callId } = host.entered.room;
  return { room, entered: await joinBy(room, { callId, invite: host.entered.invite, identity }, name), identity };
}

/** Opens the PeerJS socket of a place, or of what somebody says is theirs. */
export function openPeer(
  { port, localAddress }: Door,
  { peerId, peerToken }: { peerId: string; peerToken: string },
): Promise<RawSocket> {
  const query = new URLSearchParams({ key: 'peerjs', id: peerId, token: peerToken, version: '1.5.5' });
  const url = `ws://127.0.0.1:${port}${PEERS_PATH}?${query.toString()}`;
  return openRaw(url, localAddress === undefined ? {} : { localAddress });
}

/** Whether the server let this PeerJS socket in. */
export async function isLetIn(peer: RawSocket): Promise<boolean> {
  const opened = peer.next(peerFrame('OPEN'), 3_000).then(
    () => true,
    () => false,
  );
  return Promise.race([opened, peer.closed.then(() => false)]);
}

/** An offer as PeerJS clients send it. */
export function offerTo(dst: string, more: object = {}, type: 'media' | 'data' = 'media'): object {
  const serialization = type === 'data' ? { serialization: 'json', label: 'x', reliable: true } : {};
  const sdp = { type: 'offer', sdp: 'v=0\r\n' };
  return { type: 'OFFER', dst, payload: { type, connectionId: `${type}_attack`, sdp, ...serialization }, ...more };
}

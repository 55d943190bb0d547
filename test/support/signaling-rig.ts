import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import type { ClientOptions } from 'ws';
import { ROOM_PROTOCOL, type RoomEvent } from '../../contract/signaling.ts';
import { startSignalingServer, type RunningSignalingServer, type SignalingConfig } from '../../signaling/server.ts';
import { createFrame, joinBy, ofType, openRaw, peerFrame, type RawSocket } from './room-sockets.ts';

export type Entered = Extract<RoomEvent, { type: 'entered' }>;
export type Person = { room: RawSocket; entered: Entered };

/** Starts a server on a free port of this machine, which is closed when the test is over. */
export async function startServer(config: Partial<SignalingConfig> = {}): Promise<RunningSignalingServer> {
  const server = await startSignalingServer({ host: '127.0.0.1', port: 0, ...config });
  onTestFinished(() => server.close());
  return server;
}

/** Opens a raw socket at one of its doors. */
export async function openDoor(
  server: RunningSignalingServer,
  path = '/rooms',
  options: ClientOptions = {},
): Promise<RawSocket> {
  return openRaw(`ws://127.0.0.1:${server.address.port}${path}`, options);
}

/** Somebody who makes a call. */
export async function hostAt(server: RunningSignalingServer, options: ClientOptions = {}): Promise<Person> {
  const room = await openDoor(server, '/rooms', options);
  room.send(createFrame());
  return { room, entered: await room.next(ofType('entered')) };
}

/** The call and the invite of somebody in it. */
export const placeOf = (entered: Entered) => ({ callId: entered.room.callId, invite: entered.invite });

/** Somebody who joins a call, as a new identity unless one is given. */
export async function guestAt(
  server: RunningSignalingServer,
  of: Entered,
  options: ClientOptions = {},
  identity: string = randomUUID(),
): Promise<Person> {
  const room = await openDoor(server, '/rooms', options);
  return { room, entered: await joinBy(room, { ...placeOf(of), identity }) };
}

/** The address by which PeerJS opens its socket. */
export function peerPath(entered: Pick<Entered, 'peerId' | 'peerToken'>): string {
  return `/peerjs?key=peerjs&id=${entered.peerId}&token=${entered.peerToken}&version=1.5.5`;
}

/** Opens somebody's PeerJS socket. */
export async function openPeer(
  server: RunningSignalingServer,
  entered: Entered,
  options: ClientOptions = {},
): Promise<RawSocket> {
  const peer = await openDoor(server, peerPath(entered), options);
  await peer.next(peerFrame('OPEN'));
  return peer;
}

/** A media offer, as PeerJS sends it. */
export const offer = (dst: string, note = '') => ({
  type: 'OFFER',
  dst,
  payload: { type: 'media', connectionId: 'mc_1', sdp: { type: 'offer', sdp: 'v=0' }, metadata: { note } },
});

/** A `resume` frame; wrong in all it says unless told otherwise. */
export function resumeFrame(
  requestId: number,
  place: { callId?: string; participantId?: string; secret?: string } = {},
) {
  return {
    type: 'resume',
    requestId,
    protocol: ROOM_PROTOCOL,
    callId: randomUUID(),
    participantId: randomUUID(),
    secret: 'x'.repeat(16),
    ...place,
  };
}

/** Asks something whose answer proves that everything sent before was handled, of a socket that is in a call. */
export async function settled(room: RawSocket): Promise<void> {
  room.send(resumeFrame(77));
  await room.next((frame) => (JSON.stringify(frame).includes('"requestId":77') ? frame : null));
}

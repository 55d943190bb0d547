import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { ROOM_PROTOCOL, roomEventSchema, type RoomEvent } from '../../contract/signaling.ts';

/** A raw WebSocket that remembers what it received, so that tests wait for a frame instead of sleeping. */
export type RawSocket = {
  socket: WebSocket;
  frames: unknown[];
  send(frame: unknown): void;
  /** The first frame, already here or still to come, that fits; it is taken out of the memory. */
  next<T>(pick: (frame: unknown) => T | null, withinMs?: number): Promise<T>;
  /** The code of the close frame, already here or still to come. */
  closed: Promise<number>;
  close(): Promise<void>;
};

/** Opens a raw WebSocket to a server of the test. */
export async function openRaw(url: string, options: ClientOptions = {}): Promise<RawSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: 20_000, ...options });
  const frames: unknown[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    frames.push(JSON.parse(Buffer.isBuffer(data) ? data.toString('utf8') : ''));
    for (const look of waiting) look();
  });
  const closed = new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)));
  const opened = once(socket, 'open');
  // A write into a connection that the server cut is no failure of a test.
  socket.on('error', () => undefined);
  await opened;
  return {
    socket,
    frames,
    send: (frame) => socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame)),
    next: async (pick, withinMs = 5000) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          for (const [index, frame] of frames.entries()) {
            const found = pick(frame);
            if (found === null) continue;
            frames.splice(index, 1);
            waiting.delete(look);
            clearTimeout(timer);
            resolve(found);
            return;
          }
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`No such frame within ${withinMs} ms; there are: ${JSON.stringify(frames).slice(0, 1000)}`));
        }, withinMs);
        waiting.add(look);
        look();
      }),
    closed,
    close: async () => {
      socket.close();
      await closed;
    },
  };
}

/** Picks a frame of the rooms door by its type. */
export function ofType<T extends RoomEvent['type']>(type: T) {
  return (frame: unknown): Extract<RoomEvent, { type: T }> | null => {
    const event = roomEventSchema.parse(frame);
    return isOfType(event, type) ? event : null;
  };
}

function isOfType<T extends RoomEvent['type']>(event: RoomEvent, type: T): event is Extract<RoomEvent, { type: T }> {
  return event.type === type;
}

/** Picks a frame of the peers door by its type. */
export function peerFrame(type: string) {
  return (frame: unknown): Record<string, unknown> | null => {
    const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
    return isObject(frame) && frame['type'] === type ? frame : null;
  };
}

const media = { microphoneOn: true, cameraOn: true };

/** A `create` frame. */
export function createFrame(name = 'Ada'): object {
  return {
    type: 'create',
    requestId: 1,
    protocol: ROOM_PROTOCOL,
    name,
    title: 'Standup',
    participantLimit: 6,
    videoCodec: 'h264',
    ...media,
  };
}

/** A `recording` frame, which tells a call that it is recorded. */
export function recordingFrame(recordedBy: string) {
  const recording = { recordingId: randomUUID(), state: 'recording', health: { kind: 'ok' }, elapsedMs: 1, recordedBy };
  return { type: 'recording', recording };
}

/** Where somebody goes, and as who. */
export type Ticket = { callId: string; invite: string; identity: string };

/** An `inspect` frame, which exchanges an invite for a join token. */
export function inspectFrame({ callId, invite, identity }: Ticket, requestId = 2): object {
  return { type: 'inspect', requestId, protocol: ROOM_PROTOCOL, callId, invite, identity };
}

/** A `join` frame. */
export function joinFrame(
  place: { callId: string; joinToken: string; identity: string },
  name = 'Bob',
  consented = false,
): object {
  return { type: 'join', requestId: 3, protocol: ROOM_PROTOCOL, name, consented, ...place, ...media };
}

/** Exchanges an invite for a join token, as a new identity unless one is given. */
export async function joinTokenFor(room: RawSocket, ticket: Omit<Ticket, 'identity'> & { identity?: string }) {
  const { callId, invite, identity = randomUUID() } = ticket;
  room.send(inspectFrame({ callId, invite, identity }));
  const { joinToken } = await room.next(ofType('inspected'));
  return { callId, identity, joinToken };
}

/** Joins by an invite, as a new identity unless one is given. */
export async function joinBy(
  room: RawSocket,
  ticket: Omit<Ticket, 'identity'> & { identity?: string },
  name = 'Bob',
  consented = false,
): Promise<Extract<RoomEvent, { type: 'entered' }>> {
  room.send(joinFrame(await joinTokenFor(room, ticket), name, consented));
  return room.next(ofType('entered'));
}

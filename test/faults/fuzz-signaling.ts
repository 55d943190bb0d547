import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CLOSE_CODES,
  peerRequestSchema,
  ROOM_PROTOCOL,
  roomEventSchema,
  roomRequestSchema,
} from '../../contract/signaling.ts';
import type { SignalingLimits } from '../../signaling/limits.ts';
import { startSignalingServer } from '../../signaling/server.ts';
import { hostileInput, type FuzzOptions } from '../support/fuzz-values.ts';
import { seededRandom } from '../support/lanes.ts';
import { grown, leftInProcess, watchProcess } from '../support/process-watch.ts';
import type { RawSocket } from '../support/room-sockets.ts';
import { shapeOf } from '../support/schema-shape.ts';
import { createRoom, enterRoom, isLetIn, openPeer, openRooms, type Door, type Seat } from './attack-rooms.ts';
import { shown } from './fuzz-judge.ts';
import { createFailures, failureOf, within } from './scenario.ts';
import type { Scenario } from './scenario.ts';

/** Every frame is to reach the schema; that floods and bad frames end a socket is tried with the real limits (malformed.ts). */
const LIMITS: Partial<SignalingLimits> = {
  roomFramesPerSecond: 1e6,
  roomFrameBurst: 1e6,
  peerFramesPerSecond: 1e6,
  peerFrameBurst: 1e6,
  badFrames: 1e6,
  failedEntriesPerMinute: 1e6,
  rooms: 1e4,
  roomsPerAddress: 1e4,
};
const CODES: ReadonlySet<number> = new Set([...Object.values(CLOSE_CODES), 1000, 1001, 1007, 1009]);
const BATCH = 25;
const ANSWER_LIMIT_MS = 10_000;
const WITNESS_EVERY = 20;

const ROLES = ['stranger', 'guest', 'host', 'peer'] as const;
type Role = (typeof ROLES)[number];

const roomShape = shapeOf(roomRequestSchema);
const peerShape = shapeOf(peerRequestSchema);

/** Frames that are nearly right, from strangers, guests and hosts: typed answers or typed ends, and another call hears nothing. */
export const fuzzSignaling: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const figures: Record<string, number> = {};
  const note = (name: string): void => void (figures[name] = (figures[name] ?? 0) + 1);
  const before = leftInProcess();
  const watch = watchProcess();
  const silent = (): void => undefined;
  const caught = (facts: unknown, words?: unknown): void => {
    if (!String(words).includes('could not be handled')) return;
    note('caughtByTheNet');
    // What is nested too deeply cannot be written out again; nothing else may come to this.
    if (!/call stack/i.test(JSON.stringify(facts))) failures.add(`seed ${seed}: ${JSON.stringify(facts)}`);
  };
  const server = await startSignalingServer({
    host: '127.0.0.1',
    port: 0,
    limits: LIMITS,
    log: { info: silent, warn: caught },
  });
  try {
    const { port } = server.address;
    const witnesses = await openWitnesses({ port, localAddress: '127.0.0.8' });
    const random = seededRandom(seed);
    let sent = 0;
    for (let batch = 0; sent < count; batch += 1) {
      const role = ROLES[batch % ROLES.length] ?? 'stranger';
      const where = `batch ${batch} of seed ${seed}, as ${role}`;
      try {
        const { socket, options, close } = await takeRole(role, { port, localAddress: '127.0.0.2' }, witnesses);
        const last: unknown[] = [];
        for (let index = 0; index < BATCH && sent < count; index += 1) {
          const frame = hostileInput(role === 'peer' ? peerShape : roomShape, { ...options, random });
          last.push(frame);
          if (socket.socket.readyState === socket.socket.OPEN) socket.socket.send(JSON.stringify(frame) ?? 'undefined');
          sent += 1;
        }
        const end = await within(ANSWER_LIMIT_MS, where, settled(socket, role));
        if (end !== null) {
          note(`closed${end}`);
          if (!CODES.has(end)) failures.add(`${where}: closed with ${end} after ${shown(last)}`);
        }
        if (role !== 'peer') for (const fault of untyped(socket, note)) failures.add(`${where}: ${fault}`);
        await close();
      } catch (error) {
        failures.add(`${where}: ${failureOf(error)}`);
      }
      if (batch % WITNESS_EVERY === 0)
        for (const fault of await witnessed(witnesses)) failures.add(`${where}: ${fault}`);
    }
    for (const fault of await witnessed(witnesses)) failures.add(`seed ${seed}: ${fault}`);
    say(`fuzz-signaling: ${sent} frames`);
    figures['frames'] = sent;
    await witnesses.close();
  } finally {
    await server.close();
    await delay(50);
    watch.stop();
  }
  for (const error of watch.uncaught()) failures.add(`seed ${seed}: ${error}`);
  const after = leftInProcess();
  figures['heapGrowthMb'] = Math.round((after.heapMb - before.heapMb) * 10) / 10;
  const more = grown(before, after).filter((each) => !/^(Immediate|Timeout)/.test(each));
  if (more.length > 0) failures.add(`seed ${seed}: left open afterwards: ${more.join(', ')}`);
  return { name: 'fuzz-signaling', ok: failures.count() === 0, count, failures: failures.list(), figures };
};

type Witnesses = { host: Seat; guest: Seat; peer: RawSocket; on: boolean; close: () => Promise<void> };

/** Two people in a call of their own, who are to hear each other and nobody else. */
async function openWitnesses(door: Door): Promise<Witnesses> {
  const host = await createRoom(door, 'Wanda');
  const guest = await enterRoom(door, host, randomUUID(), 'Will');
  const peer = await openPeer(door, host.entered);
  if (!(await isLetIn(peer))) throw new Error('The witness has no PeerJS socket.');
  const close = async (): Promise<void> => {
    for (const { socket } of [peer, guest.room, host.room]) socket.terminate();
    await Promise.all([peer.closed, guest.room.closed, host.room.closed]);
  };
  host.room.frames.length = 0;
  return { host, guest, peer, on: true, close };
}

/** What the witnesses heard beside each other. */
async function witnessed(witnesses: Witnesses): Promise<string[]> {
  const { host, guest, peer } = witnesses;
  witnesses.on = !witnesses.on;
  guest.room.send({ type: 'media', microphoneOn: witnesses.on, cameraOn: true });
  const isNews = (frame: unknown): true | null => {
    const event = roomEventSchema.parse(frame);
    const isOwn = event.type === 'participantChanged' && event.participant.id === guest.entered.selfId;
    return isOwn && event.participant.microphoneOn === witnesses.on ? true : null;
  };
  await host.room.next(isNews);
  const strange = [...host.room.frames.splice(0), ...guest.room.frames.splice(0), ...peer.frames.splice(0)];
  return strange.map((frame) => `the other call heard ${shown(frame)}`);
}

type Taken = { socket: RawSocket; options: Omit<FuzzOptions, 'random'>; close: () => Promise<void> };

/** A room with a host and a guest, seen from one of the places in it, or from outside. */
async function takeRole(role: Role, door: Door, witnesses: Witnesses): Promise<Taken> {
  const host = await createRoom(door);
  const guest = await enterRoom(door, host, randomUUID());
  const stranger = await openRooms(door);
  const peer = await openPeer(door, guest.entered);
  await isLetIn(peer);
  const { room, invite, secret, peerToken } = guest.entered;
  const other = witnesses.host.entered;
  const known = {
    callId: [room.callId, room.callId, other.room.callId, randomUUID()],
    participantId: [guest.entered.selfId, host.entered.selfId, other.selfId],
    identity: [guest.identity, randomUUID()],
    invite: [invite, invite, secret],
    joinToken: [invite, peerToken],
    secret: role === 'guest' ? [secret, host.entered.peerToken] : [peerToken, invite.slice(0, 200)],
    dst: [host.entered.peerId, guest.entered.peerId, other.peerId],
    protocol: [ROOM_PROTOCOL, ROOM_PROTOCOL, ROOM_PROTOCOL, 1],
    requestId: [5, 6, 7],
  };
  const sockets = { stranger, guest: guest.room, host: host.room, peer };
  return {
    socket: sockets[role],
    options: { carrier: 'json', known, largestChars: 30_000 },
    close: async () => {
      const all = Object.values(sockets);
      for (const { socket } of all) socket.terminate();
      await Promise.all(all.map(({ closed }) => closed));
    },
  };
}

/** Waits until all frames were read: null, or the code with which the server ended the connection. */
async function settled(socket: RawSocket, role: Role): Promise<number | null> {
  if (role === 'peer') {
    const ponged = new Promise<null>((resolve) => socket.socket.once('pong', () => resolve(null)));
    if (socket.socket.readyState === socket.socket.OPEN) socket.socket.ping();
    return Promise.race([ponged, socket.closed]);
  }
  const requestId = 987_654;
  const probe = {
    type: 'resume',
    requestId,
    protocol: ROOM_PROTOCOL,
    callId: randomUUID(),
    participantId: randomUUID(),
  };
  if (socket.socket.readyState === socket.socket.OPEN) socket.send({ ...probe, secret: 'x'.repeat(20) });
  const isAnswer = (frame: unknown): null | true =>
    typeof frame === 'object' && frame !== null && Reflect.get(frame, 'requestId') === requestId ? true : null;
  const answered = socket.next(isAnswer, ANSWER_LIMIT_MS).then(() => null);
  answered.catch(() => undefined);
  return Promise.race([answered, socket.closed]);
}

function untyped(socket: RawSocket, note: (name: string) => void): string[] {
  return socket.frames.flatMap((frame) => {
    const event = roomEventSchema.safeParse(frame);
    if (!event.success) return [`an answer that the contract does not know: ${shown(frame)}`];
    note(event.data.type === 'refused' ? event.data.error.code : event.data.type);
    return event.data.type === 'refused' && event.data.error.code === 'INTERNAL' ? ['INTERNAL'] : [];
  });
}

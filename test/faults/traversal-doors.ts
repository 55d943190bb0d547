import { randomUUID } from 'node:crypto';
import { parseUntrusted } from '../../contract/parse-untrusted.ts';
import { controlRoutes, type ControlRouteName } from '../../contract/control-routes.ts';
import { controlErrorSchema } from '../../contract/control.ts';
import { roomEventSchema, roomRequestSchema, ROOM_PROTOCOL } from '../../contract/signaling.ts';
import { startSignalingServer } from '../../signaling/server.ts';
import type { Known } from '../support/fuzz-values.ts';
import { fittingValue } from '../support/fuzz-values.ts';
import { seededRandom } from '../support/lanes.ts';
import { exchange, type RawAnswer } from '../support/raw-http.ts';
import { shapeOf } from '../support/schema-shape.ts';
import { createRoom, enterRoom, isLetIn, openPeer, openRooms } from './attack-rooms.ts';
import { openControlOf } from './fuzz-control.ts';
import { shown } from './fuzz-judge.ts';
import { placesOf } from './traversal-fields.ts';
import type { TraversalScene } from './traversal-scene.ts';

type Add = (failure: string) => void;

const LIMIT_MS = 15_000;
const AT_ONCE = 8;
const NAMES = Object.keys(controlRoutes) as ControlRouteName[];
/** Fields of the query and of bodies that name something, or look as if. */
const QUERY_FIELDS = ['cursor', 'status', 'from'];

/** Every payload in every part of an address of the control API, and in every id of a body. */
export async function overControl(scene: TraversalScene, payloads: readonly string[], add: Add): Promise<number> {
  const { port, token } = await openControlOf(scene.person);
  const recording = await scene.person.ask('recording.get', { recordingId: scene.whole.id });
  const right: Record<string, string> = { callId: recording.callId, recordingId: recording.id, userId: 'ben' };
  const rightOne = `GET /api/video-calls/${recording.callId}/recording/${recording.id} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n`;
  const rightText = `${rightOne}Authorization: Bearer ${token}\r\nConnection: close\r\n\r\n`;
  const { answers: rightly } = await exchange(port, Buffer.from(rightText), LIMIT_MS);
  if (rightly[0]?.status !== 200) add('control: the right ids are refused as well');
  const asks: { text: string; where: string }[] = [];
  for (const name of NAMES) {
    const { method, path, body } = controlRoutes[name];
    const known = { trackId: [recording.tracks[0]?.id ?? null], link: ['x'], userId: ['ben'] };
    const usual =
      body === null
        ? ''
        : JSON.stringify(fittingValue(shapeOf(body), { random: seededRandom(1), carrier: 'json', known }));
    const note = (target: string, sent: string, payload: string): void => {
      const json =
        sent === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(sent)}\r\n`;
      const head = `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\n${json}`;
      asks.push({ text: `${head}Connection: close\r\n\r\n${sent}`, where: `${name} ${shown(payload)}` });
    };
    const params = [...path.matchAll(/:(\w+)/g)].map(([, key]) => key ?? '');
    for (const payload of payloads) {
      for (const param of params) {
        // A user's id has a grammar of its own, and one of another form that fits is a user nobody knows.
        for (const spelt of [payload.replaceAll(/[^!-~]/gu, encoded), encoded(payload)]) {
          const target = path.replaceAll(/:(\w+)/g, (_part, key: string) =>
            key === param ? spelt : (right[key] ?? ''),
          );
          note(target, usual, payload);
        }
      }
      if (name === 'listRecordings') {
        for (const field of QUERY_FIELDS) note(`${path}?${field}=${encoded(payload)}`, usual, payload);
      }
      if (name === 'exportRecording') {
        const target = path.replace(':recordingId', recording.id);
        for (const sent of [
          { format: payload },
          { format: 'mkv', trackId: payload },
          { format: 'mkv', file: payload },
        ]) {
          note(target, JSON.stringify(sent), payload);
        }
      }
    }
  }
  const turn = { next: 0 };
  const worker = async (): Promise<void> => {
    while (turn.next < asks.length) {
      const ask = asks[turn.next];
      turn.next += 1;
      if (ask === undefined) continue;
      const { answers, late } = await exchange(port, Buffer.from(ask.text), LIMIT_MS);
      const [answer] = answers;
      if (late) add(`control: ${ask.where}: no answer`);
      else if (answer !== undefined && !isRefused(answer))
        add(`control: ${ask.where}: ${answer.status} ${answer.body.slice(0, 100)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await scene.person.ask('settings.update', { controlEnabled: false });
  return asks.length;
}

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());

function isRefused({ status, body }: RawAnswer): boolean {
  if (status === 400 && body === 'Bad Request\n') return true;
  const parsed = parseUntrusted(controlErrorSchema, jsonOf(body));
  return parsed.success && status >= 400 && status < 500 && parsed.data.error.code !== 'INTERNAL';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Every payload in every id of the frames of the rooms door, and in the address of the PeerJS door. */
export async function overSignaling(payloads: readonly string[], seed: number, add: Add): Promise<number> {
  const many = { roomFramesPerSecond: 1e6, roomFrameBurst: 1e6, badFrames: 1e6, failedEntriesPerMinute: 1e6 };
  const server = await startSignalingServer({ host: '127.0.0.1', port: 0, limits: many });
  let frames = 0;
  try {
    const door = { port: server.address.port };
    const host = await createRoom(door);
    const guest = await enterRoom(door, host, randomUUID());
    const eve = await openRooms(door);
    const { room, invite, secret } = host.entered;
    const known: Known = {
      callId: [room.callId],
      participantId: [guest.entered.selfId],
      identity: [randomUUID()],
      invite: [invite],
      joinToken: [invite],
      secret: [secret],
      protocol: [ROOM_PROTOCOL],
    };
    const places = placesOf(shapeOf(roomRequestSchema), { random: seededRandom(seed), carrier: 'json', known });
    for (const { path, filled } of places) {
      // Only the frames that are answered; of `recording` the id is told to others and used by nobody.
      if (path[0] === 'recording') continue;
      for (const payload of payloads) {
        frames += 1;
        const frame = { ...(filled(payload) as object), requestId: frames };
        const socket = Reflect.get(frame, 'type') === 'remove' ? host.room : eve;
        socket.send(frame);
        const answer = await socket.next((each) => {
          const event = roomEventSchema.parse(each);
          return 'requestId' in event && event.requestId === frames ? event : null;
        });
        const isTyped = answer.type === 'refused' && answer.error.code !== 'INTERNAL';
        if (!isTyped) add(`signaling: ${path.join('.')} ${shown(payload)}: ${answer.type}`);
      }
    }
    for (const payload of payloads.filter((_, index) => index % 8 === 0)) {
      frames += 1;
      const peer = await openPeer(door, { peerId: payload.toWellFormed(), peerToken: host.entered.peerToken });
      if (await isLetIn(peer)) add(`signaling: a PeerJS socket as ${shown(payload)}`);
    }
  } finally {
    await server.close();
  }
  return frames;
}

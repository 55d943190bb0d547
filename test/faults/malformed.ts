import { connect, type Socket } from 'node:net';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseInviteLink } from '../../contract/invite.ts';
import { CLOSE_CODES } from '../../contract/signaling.ts';
import { DEFAULT_LIMITS } from '../../signaling/limits.ts';
import { pick, type Random } from '../support/hostile-values.ts';
import { seededRandom } from '../support/lanes.ts';
import { openRawWebSocket, upgradeHead, type RawTarget, type RawWebSocket } from '../support/raw-websocket.ts';
import { takeSeen, watchCall } from './call-watch.ts';
import { finishKeptCall, openKeptCall, type KeptCall } from './kept-call.ts';
import { malformedFrame, MALFORMED_KINDS } from './malformed-frames.ts';
import { ask } from './real-call.ts';
import { createFailures, failureOf, within } from './scenario.ts';
import type { Scenario } from './scenario.ts';

const SOCKETS = 50;
/** The server takes 20 sockets of one address: attackers come from several. */
const ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5', '127.0.0.6'];
const PER_ADDRESS = SOCKETS / ADDRESSES.length;
const LONELY_ADDRESS = '127.0.0.9';
/** A stretch in which nobody attacks: what is normal on this machine. */
const CALM_MS = 4_000;
/** A picture may come later than ever in the calm stretch by this: seven pictures of 30 a second. */
const MORE_GAP_MS = 250;
/** A machine that is busy with something else makes gaps too; those of an attack would be there each time. */
const MOST_TRIES = 3;
const OPEN_LIMIT_MS = 5_000;

/** Frames that are no frames, on fifty sockets, at the signaling server inside the app of a host who records: the call does not notice. */
export const malformed: Scenario = async ({ seed, count, say }) => {
  const failures = createFailures();
  const folder = await mkdtemp(join(tmpdir(), 'tallylight-malformed-'));
  const figures: Record<string, number> = { kinds: MALFORMED_KINDS };
  let call: KeptCall | null = null;
  try {
    call = await openKeptCall(folder, 'mkv');
    const { host, guest } = call;
    const people = [host, guest];
    for (const { page } of people) await watchCall(page);
    const { call: before } = await ask(host, 'call.current', {});
    if (before === null) throw new Error('The host is in no call.');
    const address = new URL(parseInviteLink(before.inviteLink).server);
    const target = { host: '127.0.0.1', port: Number(address.port), path: '/rooms' };
    figures['refusedOf21'] = await oneTooMany(target, failures.add);
    for (let turn = 1; turn <= MOST_TRIES; turn += 1) {
      await delay(CALM_MS);
      const calm = await Promise.all(people.map(({ page }) => takeSeen(page)));
      const attack = await sendAll(target, seed + turn - 1, count, failures.add);
      const attacked = await Promise.all(people.map(({ page }) => takeSeen(page)));
      Object.assign(figures, attack, { tries: turn });
      say(`malformed: ${attack.frames} frames on ${attack.openAtOnce} sockets, ${attack.reopened} opened again`);
      const noticed: string[] = [];
      for (const [index, { name }] of people.entries()) {
        const [calmly, then] = [calm[index], attacked[index]];
        if (calmly === undefined || then === undefined) continue;
        figures[`calmGapMs${name}`] = Math.round(calmly.largestGapMs);
        figures[`gapMs${name}`] = Math.round(then.largestGapMs);
        if (calmly.frames === 0) failures.add(`${name} saw no picture before the attack`);
        if (then.largestGapMs > calmly.largestGapMs + MORE_GAP_MS) {
          noticed.push(`seed ${seed}: ${name} saw no picture for ${Math.round(then.largestGapMs)} ms`);
        }
        for (const change of [...calmly.changes, ...then.changes]) failures.add(`seed ${seed}: at ${name}, ${change}`);
      }
      if (noticed.length === 0) break;
      if (turn === MOST_TRIES) for (const each of noticed) failures.add(each);
    }
    const { call: after } = await ask(host, 'call.current', {});
    if (JSON.stringify(after?.participants) !== JSON.stringify(before.participants)) {
      failures.add(`seed ${seed}: the people of the call are not the same`);
    }
    const saved = await finishKeptCall(call);
    figures['acknowledgedFrames'] = saved.acknowledgedFrames;
    for (const fault of saved.faults) failures.add(`seed ${seed}: ${fault}`);
    for (const track of saved.recording.tracks) {
      if (track.lost.gaps.length > 0) failures.add(`seed ${seed}: the track of ${track.participantName} has gaps`);
      if (track.segments.length > 1) failures.add(`seed ${seed}: ${track.participantName} has more than one segment`);
    }
  } catch (error) {
    failures.add(`seed ${seed}: ${failureOf(error)}`);
  } finally {
    await call?.end();
  }
  return { name: 'malformed', ok: failures.count() === 0, count, failures: failures.list(), figures };
};

/** Opens as many sockets of one address as it may have, and one more: answers how many were refused, which must be one. */
async function oneTooMany(target: RawTarget, add: (failure: string) => void): Promise<number> {
  const limit = DEFAULT_LIMITS.socketsPerAddress;
  const sockets: RawWebSocket[] = [];
  for (let index = 0; index < limit; index += 1) {
    sockets.push(await openFrom(target, LONELY_ADDRESS));
  }
  const last = await openFrom(target, LONELY_ADDRESS);
  const code = last.isOpen() ? await within(OPEN_LIMIT_MS, 'the refusal', last.closed) : null;
  const isRefused = code === CLOSE_CODES.tooManySockets || !last.statusLine.includes('101');
  if (!isRefused) add(`the ${limit + 1}st socket of one address was closed with ${code} (${last.statusLine})`);
  const open = sockets.filter((socket) => socket.isOpen()).length;
  if (open !== limit) add(`${open} of ${limit} sockets of one address were open`);
  for (const { socket } of [...sockets, last]) socket.destroy();
  return isRefused ? 1 : 0;
}

type Attack = { frames: number; openAtOnce: number; reopened: number; dangling: number; closedByServer: number };

/** Sends the frames over fifty sockets that are kept open: what the server closes is opened again. */
async function sendAll(
  target: RawTarget,
  seed: number,
  count: number,
  add: (failure: string) => void,
): Promise<Attack> {
  const random = seededRandom(seed);
  const sockets = await Promise.all(
    Array.from({ length: SOCKETS }, (_, index) => openFrom(target, addressOf(index), pathOf(random))),
  );
  const attack: Attack = { frames: 0, openAtOnce: 0, reopened: 0, dangling: 0, closedByServer: 0 };
  attack.openAtOnce = sockets.filter((socket) => socket.isOpen()).length;
  if (attack.openAtOnce < SOCKETS) add(`only ${attack.openAtOnce} of ${SOCKETS} sockets were opened`);
  const dangling: Socket[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = index % SOCKETS;
    let socket = sockets[at];
    if (socket === undefined || !socket.isOpen() || !socket.socket.writable) {
      attack.closedByServer += 1;
      socket = await openFrom(target, addressOf(at), pathOf(random));
      sockets[at] = socket;
      attack.reopened += 1;
    }
    const { bytes } = malformedFrame(random, index);
    if (socket.socket.writable) socket.socket.write(bytes);
    attack.frames += 1;
    if (index % 20 === 19) {
      dangling.push(dangle(target, addressOf(at), random));
      attack.dangling += 1;
    }
    // Fifty at once, and not a thousand before the first is read.
    if (at === SOCKETS - 1) await delay(20);
  }
  const probe = await openFrom(target, '127.0.0.7');
  if (!probe.isOpen()) add(`seed ${seed}: after it the server takes no socket (${probe.statusLine})`);
  for (const { socket } of [...sockets, probe]) socket.destroy();
  for (const socket of dangling) socket.destroy();
  return attack;
}

const addressOf = (index: number): string => ADDRESSES[Math.floor(index / PER_ADDRESS)] ?? '127.0.0.2';

/** Mostly the door that keeps a stranger for a while. */
function pathOf(random: Random): string {
  return random() < 0.95 ? '/rooms' : '/rooms?x=%00&__proto__=1';
}

function openFrom(target: RawTarget, localAddress: string, path = target.path): Promise<RawWebSocket> {
  return within(OPEN_LIMIT_MS, 'opening a socket', openRawWebSocket({ ...target, path, localAddress }));
}

/** A connection that begins to ask for an upgrade, in one of many ways, and then says nothing. */
function dangle(target: RawTarget, localAddress: string, random: Random): Socket {
  const { host, port } = target;
  const socket = connect({ host, port, localAddress });
  socket.on('error', () => undefined);
  const full = upgradeHead(host, port, '/rooms');
  const begin = pick(random, [
    full.slice(0, 40),
    full.slice(0, -2),
    upgradeHead(host, port, '/rooms', 'Sec-WebSocket-Key'),
    upgradeHead(host, port, '/rooms', 'Sec-WebSocket-Version'),
    upgradeHead(host, port, '/rooms', 'Connection'),
    upgradeHead(host, port, '/../../etc/passwd'),
    upgradeHead(host, port, `/rooms?${'x'.repeat(20_000)}`),
    upgradeHead(host, port, '/peerjs?key=peerjs&id=x&token=y&version=1'),
    'POST /rooms HTTP/1.1\r\nContent-Length: 999999999\r\n\r\nx',
    'GET /rooms HTTP/9.9\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
    '\r\n'.repeat(50),
  ]);
  socket.write(begin);
  return socket;
}

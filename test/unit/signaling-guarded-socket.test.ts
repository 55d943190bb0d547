import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { CLOSE_CODES, MAX_FRAME_BYTES } from '../../contract/signaling.ts';
import { guardSocket } from '../../signaling/guarded-socket.ts';
import { DEFAULT_LIMITS } from '../../signaling/limits.ts';
import { SILENT_LOG } from '../../signaling/log.ts';

/** A socket under guard on a clock of the test, whose other side is the test. */
function guarded() {
  const now = { ms: 0 };
  const done: string[] = [];
  const heard = { frames: 0 };
  const socket = Object.assign(new EventEmitter(), {
    OPEN: 1,
    readyState: 1,
    bufferedAmount: 0,
    ping: () => done.push('ping'),
    terminate: () => done.push('terminate'),
    close: (code: number) => done.push(`close ${code}`),
    send: () => done.push('send'),
  });
  const guard = guardSocket(socket as unknown as WebSocket, {
    id: 'one',
    limits: DEFAULT_LIMITS,
    framesPerSecond: DEFAULT_LIMITS.roomFramesPerSecond,
    frameBurst: DEFAULT_LIMITS.roomFrameBurst,
    nowMs: () => now.ms,
    log: SILENT_LOG,
    onFrame: () => {
      heard.frames += 1;
      return true;
    },
    onClosed: () => undefined,
  });
  const at = (ms: number): string[] => {
    now.ms = ms;
    guard.sweep(ms);
    return done.splice(0);
  };
  const frame = (): void => void socket.emit('message', Buffer.from('{}'), false);
  return { guard, socket, at, frame, now, done, heard };
}

test('the numbers of the server are those that the project promises', () => {
  expect(DEFAULT_LIMITS).toMatchObject({
    frameBytes: 64 * 1024,
    socketsPerAddress: 20,
    pingEveryMs: 15_000,
    deadAfterMs: 45_000,
    joinTokenLifeMs: 10 * 60 * 1000,
    failedEntriesPerMinute: 20,
    participantsPerRoom: 6,
  });
  expect(MAX_FRAME_BYTES).toBe(65_536);
});

test('a socket is pinged every 15 seconds and cut after 45 of silence', () => {
  const { at } = guarded();
  expect(at(14_999)).toEqual([]);
  expect(at(15_000)).toEqual(['ping']);
  expect(at(29_999)).toEqual([]);
  expect(at(30_000)).toEqual(['ping']);
  expect(at(44_999)).toEqual([]);
  expect(at(45_000)).toEqual(['terminate']);
});

test.each(['pong', 'message'])('a %s starts the 45 seconds anew', (sign) => {
  const { socket, at, frame } = guarded();
  at(44_999);
  if (sign === 'message') frame();
  else socket.emit('pong');
  expect(at(89_998)).not.toContain('terminate');
  expect(at(89_999)).toContain('terminate');
});

test('a burst of 60 frames is taken, the one after it closes the socket; then 20 a second', () => {
  const { frame, done } = guarded();
  for (let n = 0; n < 60; n += 1) frame();
  expect(done).toEqual([]);
  frame();
  expect(done).toEqual([`close ${CLOSE_CODES.tooFast}`]);

  const patient = guarded();
  for (let n = 0; n < 60; n += 1) patient.frame();
  patient.now.ms = 1000;
  for (let n = 0; n < 20; n += 1) patient.frame();
  expect(patient.done).toEqual([]);
  patient.frame();
  expect(patient.done).toEqual([`close ${CLOSE_CODES.tooFast}`]);
});

test('a reader that does not read is cut once more than 1 MiB waits for it', () => {
  const { guard, socket, done } = guarded();
  socket.bufferedAmount = 1024 * 1024;
  guard.send({});
  expect(done).toEqual(['send']);
  socket.bufferedAmount += 1;
  guard.send({});
  expect(done).toEqual(['send', 'terminate']);
  expect(guard.isOpen()).toBe(false);
});

test('what a socket says after it was told to go is not heard, even if it never goes', () => {
  const { guard, frame, heard, done } = guarded();
  frame();
  guard.close(CLOSE_CODES.removed, 'removed by the host');
  frame();
  expect(heard.frames).toBe(1);
  guard.send({});
  guard.close(CLOSE_CODES.callEnded, 'again');
  expect(done).toEqual([`close ${CLOSE_CODES.removed}`]);
});
